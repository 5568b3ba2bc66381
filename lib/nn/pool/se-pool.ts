import { z } from "zod";
import { tf } from "../../engine";
import { component } from "../component";
import { validOutput } from "../conv/valid";
import { planDense } from "../dense";
import { asFrames, asVideo } from "../frames";
import { perFrame } from "../newest";
import { type Plan, prefixed, scoped, type Weights } from "../plan";
import { type VideoShape, windowAxis } from "../shape";
import type { PlannedPool } from "./planned";

export const softPoolOptions = z.strictObject({
  stride: z.int().positive().default(2),
  /** The ratio of channels to hidden units in squeeze-excite. */
  r: z.int().positive().default(8),
  /** Whether values are weighted by their exponential (SoftPool) instead of equally. */
  use_soft: z.boolean().default(true),
});

/** The side of the pooled square. */
const SIDE = 2;
/** SoftPool weights are `exp(x / 10)`. */
const TEMPERATURE = 10;
const LEAST_WEIGHT = 1e-6;

/**
 * Pools squares of 2×2 pixels of every frame, weighting values by their exponential (SoftPool, Stergiou et al. 2021) or equally, then
 * applies squeeze-excite (Hu et al. 2018).
 */
export const sePool = component(softPoolOptions, (options, at, input: VideoShape) => {
  const { stride, use_soft: soft } = options;
  const { height, width } = validOutput(input, [1, SIDE, SIDE], [1, stride, stride], [1, 1, 1], at);
  const output = { ...input, height, width };
  const excite = planSqueezeExcite(input.channels, options.r);
  const axis = windowAxis(SIDE, stride);
  const mean = (x: tf.Tensor4D) => tf.avgPool(x, SIDE, stride, "valid");
  const plan = perFrame<Plan>({
    output,
    weights: prefixed("se", excite.weights),
    flops: input.time * excite.flops,
    geometry: { y: axis, x: axis },
    apply: (x, weights) => {
      const frames = asFrames(x);
      const pooled = soft ? softPool(frames, mean) : mean(frames);
      return asVideo(excite.apply(pooled, scoped(weights, "se")), x.shape[0]);
    },
  });
  const pool: PlannedPool = { plan, stride: [1, stride, stride] };
  return pool;
});

function softPool(x: tf.Tensor4D, mean: (x: tf.Tensor4D) => tf.Tensor4D): tf.Tensor4D {
  const weight = tf.exp(tf.div<tf.Tensor4D>(x, TEMPERATURE));
  return tf.div(mean(tf.mul(x, weight)), tf.add(mean(weight), LEAST_WEIGHT));
}

/** Plans a gain for each channel of each frame: mean over space, dense layer to C / r with silu, dense layer to C, sigmoid. */
function planSqueezeExcite(channels: number, r: number) {
  const hidden = Math.max(1, Math.floor(channels / r));
  const reduce = planDense(channels, hidden);
  const expand = planDense(hidden, channels);
  return {
    weights: [...prefixed("reduce", reduce.weights), ...prefixed("expand", expand.weights)],
    flops: reduce.flops + expand.flops,
    apply: (frames: tf.Tensor4D, weights: Weights) => {
      const mode = { training: false };
      const squeezed = reduce.apply(tf.mean(frames, [1, 2]) as tf.Tensor2D, scoped(weights, "reduce"), mode);
      const active = tf.mul<tf.Tensor2D>(squeezed, tf.sigmoid(squeezed));
      const gain = tf.sigmoid(expand.apply(active, scoped(weights, "expand"), mode));
      return tf.mul<tf.Tensor4D>(frames, tf.reshape(gain, [-1, 1, 1, channels]));
    },
  };
}
