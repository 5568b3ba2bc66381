import { tf } from "../../../engine";
import { below, type Place, type Plan, prefixed, SAME_PLACE, scoped, type VideoShape } from "../../../nn";
import type { BlockOptions } from "./block";
import { rotaryOfTime } from "./rotary";
import { planStack } from "./stack";

const NAME = "temporal_blocks";

/** Plans causal blocks over the tokens of each position in time. */
export function planTime(count: number, o: BlockOptions, at: Place, shape: VideoShape): Plan {
  const { time, height, width: columns, channels: width } = shape;
  const places = height * columns;
  const stack = planStack(count, o, below(at, NAME), {
    width,
    tokens: time,
    causal: true,
    rotary: o.use_rope ? rotaryOfTime(time, o.head_dim) : undefined,
  });
  return {
    output: shape,
    weights: prefixed(NAME, stack.weights),
    flops: places * stack.flops,
    kept: places * stack.kept,
    geometry: SAME_PLACE,
    apply: (x, get, mode) => {
      const [batch] = x.shape;
      const byPlace = tf.transpose(tf.reshape(x, [batch, time, places, width]), [0, 2, 1, 3]);
      const series = tf.reshape(byPlace, [batch * places, time, width]) as tf.Tensor3D;
      const done = stack.apply(series, scoped(get, NAME), mode);
      const byTime = tf.transpose(tf.reshape(done, [batch, places, time, width]), [0, 2, 1, 3]);
      return tf.reshape(byTime, x.shape);
    },
  };
}
