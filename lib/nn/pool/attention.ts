import { z } from "zod";
import { below, problemAt } from "../../base/config";
import { tf } from "../../engine";
import { component } from "../component";
import { validOutput } from "../conv/valid";
import { planDense } from "../dense";
import { uniformByFanIn } from "../initializers";
import { perFrame } from "../newest";
import { type Plan, prefixed, scoped, type Weights } from "../plan";
import { asFrames, asVideo, SAME_PLACE, type VideoShape, windowAxis } from "../shape";
import type { PlannedPool } from "./planned";

const options = z.strictObject({
  /** The number of channels of a block; the channel gate reads all channels of its block. */
  chan_window: z.int().positive().default(3),
  /** The side of the square of pixels that the spatial gate reads. */
  spatial_kernel: z.int().positive().default(3),
});

/**
 * Applies local attention, `x sigmoid(a) sigmoid(b)`: a reads the channels of its own block at the pixel, b the surrounding pixels of its
 * channel (zeros outside). Frames are independent, and the shape is unchanged.
 *
 * @throws ConfigError for even sizes, and for channels that cannot be divided into whole blocks
 */
export const locatt = component(options, (o, at, input: VideoShape) => {
  const { chan_window: block, spatial_kernel: side } = o;
  const { channels, time, height, width } = input;
  for (const key of ["chan_window", "spatial_kernel"] as const)
    if (o[key] % 2 === 0) throw problemAt(below(at, key), `is ${o[key]}, but must be odd`);
  if (channels % block !== 0)
    throw problemAt(below(at, "chan_window"), `is ${block}, but must divide the ${channels} channels`);
  const weight = (name: string, shape: number[], fanIn: number) => [
    { name: `${name}.weight`, shape, initial: uniformByFanIn(fanIn) },
    { name: `${name}.bias`, shape: [channels], initial: uniformByFanIn(fanIn) },
  ];
  const sameBlock = Array.from({ length: channels ** 2 }, (_, i) =>
    Number(Math.floor(Math.floor(i / channels) / block) === Math.floor((i % channels) / block)),
  );
  const plan = perFrame<Plan>({
    output: input,
    weights: [
      ...weight("channel_gate", [1, 1, 1, block, channels], block),
      ...weight("spatial_gate", [1, side, side, 1, channels], side ** 2),
    ],
    flops: 2 * time * height * width * channels * (channels + side ** 2),
    geometry: SAME_PLACE,
    kernels: [
      {
        name: "spatial_gate",
        shape: [1, side, side, 1, channels],
        effective: (weights) => weights("spatial_gate.weight") as unknown as tf.Tensor5D,
      },
    ],
    apply: (x, weights) => {
      // A block-diagonal matrix needs one dense product instead of one for each block.
      const taps = tf.reshape(weights("channel_gate.weight"), [block, channels]);
      const matrix = tf.mul<tf.Tensor2D>(
        tf.tile(taps, [channels / block, 1]),
        tf.tensor2d(sameBlock, [channels, channels]),
      );
      const across = tf.matMul(tf.reshape(x, [-1, channels]) as tf.Tensor2D, matrix);
      const a = tf.reshape(tf.add(across, weights("channel_gate.bias")), x.shape);
      const kernel = tf.reshape(weights("spatial_gate.weight"), [side, side, channels, 1]) as tf.Tensor4D;
      const around = asVideo(tf.depthwiseConv2d(asFrames(x), kernel, 1, "same"), x.shape[0]);
      const b = tf.add(around, weights("spatial_gate.bias"));
      return tf.mul<tf.Tensor5D>(tf.mul(x, tf.sigmoid(a)), tf.sigmoid(b));
    },
  });
  const pool: PlannedPool = { plan, stride: [1, 1, 1] };
  return pool;
});

/** The options of a SoftPool. */
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
