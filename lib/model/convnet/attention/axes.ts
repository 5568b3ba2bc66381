import { tf } from "../../../engine";
import {
  below,
  type Mode,
  type Place,
  type Plan,
  prefixed,
  SAME_PLACE,
  scoped,
  type VideoShape,
  type WeightSpec,
  type Weights,
} from "../../../nn";
import { normal } from "../../../nn/initializers";
import { type BlockOptions, planBlock, type Sequence } from "./block";
import { rotaryOfSpace, rotaryOfTime } from "./rotary";

/** Consecutive transformer blocks. */
export interface TransformerStack {
  readonly weights: readonly WeightSpec[];
  /** The operations for one sequence. */
  readonly flops: number;
  /** The number of values of one sequence that training keeps. */
  readonly kept: number;
  apply(x_BND: tf.Tensor3D, weights: Weights, mode: Mode): tf.Tensor3D;
}

/** Plans `count` blocks with the same options. */
function planStack(count: number, o: BlockOptions, at: Place, sequence: Sequence): TransformerStack {
  const blocks = Array.from({ length: count }, (_, i) => planBlock(o, below(at, i), sequence));
  const sum = (of: "flops" | "kept") => blocks.reduce((total, block) => total + block[of], 0);
  return {
    weights: blocks.flatMap((block, i) => prefixed(String(i), block.weights)),
    flops: sum("flops"),
    kept: sum("kept"),
    apply: (x, get, mode) => blocks.reduce((y, block, i) => block.apply(y, scoped(get, String(i)), mode), x),
  };
}

const SPATIAL = "spatial_blocks";

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
  const stack = planStack(count, o, below(at, SPATIAL), {
    width,
    tokens: registers + places,
    causal: false,
    rotary: o.use_rope ? rotaryOfSpace(height, columns, o.head_dim, registers) : undefined,
  });
  return {
    output: shape,
    weights: [
      ...(registers ? [{ name: "register_tokens", shape: [registers, width], initial: normal(0.02) }] : []),
      ...prefixed(SPATIAL, stack.weights),
    ],
    flops: time * stack.flops,
    kept: time * stack.kept,
    geometry: SAME_PLACE,
    apply: (x, get, mode) => {
      const frames = x.shape[0] * time;
      const tokens = withRegisters(tf.reshape(x, [frames, places, width]), registers, get);
      const seen = stack.apply(tokens, scoped(get, SPATIAL), mode);
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

const TEMPORAL = "temporal_blocks";

/** Plans causal blocks over the tokens of each position in time. */
export function planTime(count: number, o: BlockOptions, at: Place, shape: VideoShape): Plan {
  const { time, height, width: columns, channels: width } = shape;
  const places = height * columns;
  const stack = planStack(count, o, below(at, TEMPORAL), {
    width,
    tokens: time,
    causal: true,
    rotary: o.use_rope ? rotaryOfTime(time, o.head_dim) : undefined,
  });
  return {
    output: shape,
    weights: prefixed(TEMPORAL, stack.weights),
    flops: places * stack.flops,
    kept: places * stack.kept,
    geometry: SAME_PLACE,
    apply: (x, get, mode) => {
      const [batch] = x.shape;
      const byPlace = tf.transpose(tf.reshape(x, [batch, time, places, width]), [0, 2, 1, 3]);
      const series = tf.reshape(byPlace, [batch * places, time, width]) as tf.Tensor3D;
      const done = stack.apply(series, scoped(get, TEMPORAL), mode);
      const byTime = tf.transpose(tf.reshape(done, [batch, places, time, width]), [0, 2, 1, 3]);
      return tf.reshape(byTime, x.shape);
    },
  };
}
