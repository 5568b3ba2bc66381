import { tf } from "../../../engine";
import {
  below,
  type Place,
  type Plan,
  prefixed,
  SAME_PLACE,
  scoped,
  type VideoShape,
  type Weights,
} from "../../../nn";
import { normal } from "../../../nn/initializers";
import type { BlockOptions } from "./block";
import { rotaryOfSpace } from "./rotary";
import { planStack } from "./stack";

const NAME = "spatial_blocks";

/**
 * Plans blocks over the tokens of each frame, which all attend to each other.
 *
 * @param registers the number of learned tokens added to each frame's, removed after the last block
 */
export function planSpace(
  count: number,
  o: BlockOptions,
  at: Place,
  shape: VideoShape,
  registers: number,
): Plan {
  const { time, height, width: columns, channels: width } = shape;
  const places = height * columns;
  const stack = planStack(count, o, below(at, NAME), {
    width,
    tokens: registers + places,
    causal: false,
    rotary: o.use_rope ? rotaryOfSpace(height, columns, o.head_dim, registers) : undefined,
  });
  return {
    output: shape,
    weights: [
      ...(registers ? [{ name: "register_tokens", shape: [registers, width], initial: normal(0.02) }] : []),
      ...prefixed(NAME, stack.weights),
    ],
    flops: time * stack.flops,
    kept: time * stack.kept,
    geometry: SAME_PLACE,
    apply: (x, get, mode) => {
      const frames = x.shape[0] * time;
      const tokens = withRegisters(tf.reshape(x, [frames, places, width]), registers, get);
      const seen = stack.apply(tokens, scoped(get, NAME), mode);
      const kept = registers ? tf.slice(seen, [0, registers, 0], [frames, places, width]) : seen;
      return tf.reshape(kept, x.shape);
    },
  };
}

function withRegisters(frames: tf.Tensor3D, registers: number, get: Weights): tf.Tensor3D {
  if (registers === 0) return frames;
  const [all, , width] = frames.shape;
  // Multiplication instead of `tile`, whose gradient adds up copies one by one.
  const everywhere = tf.mul(tf.reshape(get("register_tokens"), [1, registers, width]), tf.ones([all, 1, 1]));
  return tf.concat([everywhere as tf.Tensor3D, frames], 1);
}
