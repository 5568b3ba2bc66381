import { z } from "zod";
import { below, problemAt } from "../base/config";
import { tf } from "../engine";
import { type Component, component } from "./component";
import { constant, ones, zeros } from "./initializers";
import { perFrame } from "./newest";
import { identityPlan, type Mode, type Plan, type WeightSpec, type Weights } from "./plan";
import { SAME_PLACE, type VideoShape } from "./shape";

/** The option `eps`, which prevents a division by zero. */
const eps = z.number().positive().default(1e-5);

/** Plans a norm, which keeps the shape of its input. Callers wrap norms that treat frames independently in `perFrame`. */
function normPlan(
  input: VideoShape,
  weights: readonly WeightSpec[],
  apply: (x: tf.Tensor5D, weights: Weights, mode: Mode) => tf.Tensor5D,
): Plan {
  return { output: input, weights, flops: 0, geometry: SAME_PLACE, apply };
}

/** Returns the weights for a gain and a shift per channel, or none. */
function affineWeights(wanted: boolean, channels: number): WeightSpec[] {
  if (!wanted) return [];
  return [
    { name: "gamma", shape: [channels], initial: ones },
    { name: "beta", shape: [channels], initial: zeros },
  ];
}

/** Applies a gain and a shift per channel, if they are wanted. */
export function affine(wanted: boolean, x: tf.Tensor5D, weights: Weights): tf.Tensor5D {
  return wanted ? tf.add(tf.mul(x, weights("gamma")), weights("beta")) : x;
}

/** The weight of a batch's statistics in the update of the running ones. */
const MOMENTUM = 0.1;
const AXES = [0, 1, 2, 3];

/**
 * Normalises each channel to mean 0 and variance 1 over the whole batch, time and space (Ioffe & Szegedy 2015). Training uses the batch's
 * own statistics and updates the running ones, `running_mean` and `running_var` (unbiased). These are state: saved, assigned in the step,
 * without a gradient. Evaluation uses the running statistics.
 */
export const batch = component(
  z.strictObject({ eps, affine: z.boolean().default(true) }),
  (options, _at, input: VideoShape) => {
    const shape = [input.channels];
    const weights = [
      ...affineWeights(options.affine, input.channels),
      { name: "running_mean", shape, initial: zeros, trained: false, statistic: true },
      { name: "running_var", shape, initial: ones, trained: false, statistic: true },
    ];
    return normPlan(input, weights, (x, get, { training }) => {
      const mean = training ? tf.mean(x, AXES) : get("running_mean");
      const centred = tf.sub(x, mean);
      const variance = training ? tf.mean(tf.square(centred), AXES) : get("running_var");
      if (training) {
        const values = x.size / input.channels;
        move(get, "running_mean", mean);
        move(get, "running_var", tf.mul(variance, values / Math.max(1, values - 1)));
      }
      const scale = tf.rsqrt(tf.add(variance, options.eps));
      if (!options.affine) return tf.mul(centred, scale);
      return tf.add(tf.mul(centred, tf.mul(scale, get("gamma"))), get("beta"));
    });
  },
);

/** Moves a running statistic towards the batch's. */
function move(get: Weights, name: string, value: tf.Tensor): void {
  const running = get(name);
  running.assign(tf.add(tf.mul(running, 1 - MOMENTUM), tf.mul(value, MOMENTUM)));
}

/**
 * Computes `Σ x²` over some axes, which are kept with length 1. Its gradient `2 x dy` is one product with x; the gradient of a separate
 * sum and square would need five passes over tensors of x's size.
 */
function sumOfSquares(x: tf.Tensor, axes: number[]): tf.Tensor {
  const op = tf.customGrad((...given) => {
    const [values, save] = given as [tf.Tensor, tf.GradSaveFunc];
    save([values]);
    return {
      value: tf.sum(tf.square(values), axes, true),
      gradFunc: (dy: tf.Tensor, [kept]: tf.Tensor[]) => tf.mul(kept!, tf.mul(dy, 2)),
    };
  });
  return op(x);
}

/** The initial gain. */
const GAMMA = 0.1;
/** Added under the square root, so that a channel of zeros has the gradient 0 and not 0/0. */
const LEAST_SQUARE = 1e-12;

/**
 * Global response normalisation, `x + beta + gamma x n` with `n = |x| / mean over channels of |x|` and the norm over time
 * and space (Woo et al. 2023, ConvNeXt V2).
 */
export const grn = component(z.strictObject({ eps }), (options, _at, input: VideoShape) => {
  const weights = [
    { name: "gamma", shape: [input.channels], initial: constant(GAMMA) },
    { name: "beta", shape: [input.channels], initial: zeros },
  ];
  return normPlan(input, weights, (x, get) => {
    const response = tf.sqrt(tf.add(sumOfSquares(x, [1, 2, 3]), LEAST_SQUARE));
    const relative = tf.div(response, tf.add(tf.mean(response, -1, true), options.eps));
    // Only one product involves the large x; the gains, one per channel and sample, are small.
    return tf.add(tf.mul(x, tf.add(tf.mul(relative, get("gamma")), 1)), get("beta"));
  });
});

/** Normalises to mean 0 and variance 1 over channels, without gain or shift (Ba et al. 2016). */
export const layer = component(z.strictObject({ eps }), (options, _at, input: VideoShape) =>
  perFrame(normPlan(input, [], (x) => standardised(x, [4], options.eps))),
);

/** Normalises to mean 0 and (biased) variance 1 over some axes. */
function standardised<T extends tf.Tensor>(x: T, axes: number[], eps: number): T {
  const centred = tf.sub(x, tf.mean(x, axes, true));
  return tf.mul(centred, tf.rsqrt(tf.add(tf.mean(tf.square(centred), axes, true), eps)));
}

/** Normalises each group of channels of each sample to mean 0 and variance 1 over channels, time and space (Wu & He 2018). */
export const group = component(
  z.strictObject({ eps, affine: z.boolean().default(true), num_groups: z.int().positive().default(1) }),
  (options, at, input: VideoShape) => {
    const { num_groups: groups } = options;
    const { channels } = input;
    if (channels % groups !== 0)
      throw problemAt(below(at, "num_groups"), `is ${groups}, but must divide the ${channels} channels`);
    return normPlan(input, affineWeights(options.affine, channels), (x, weights) => {
      const [batch, time, height, width] = x.shape;
      const grouped = tf.reshape(x, [batch, time * height * width, groups, channels / groups]);
      const y = tf.reshape(standardised(grouped, [1, 3], options.eps), x.shape) as tf.Tensor5D;
      return affine(options.affine, y, weights);
    });
  },
);

/** Normalises each channel of each sample to mean 0 and variance 1 over time and space (Ulyanov et al. 2016). */
export const instance = component(
  z.strictObject({ eps, affine: z.boolean().default(false) }),
  (options, _at, input: VideoShape) =>
    normPlan(input, affineWeights(options.affine, input.channels), (x, weights) =>
      affine(options.affine, standardised(x, [1, 2, 3], options.eps), weights),
    ),
);

/** The identity. */
export const none = component(z.strictObject({}), (_options, _at, input: VideoShape) => identityPlan(input));

/** Computes `x / sqrt(mean(x²) + eps) * gamma + beta` over channels (Zhang & Sennrich 2019). */
export const rms = component(
  z.strictObject({ eps, affine: z.boolean().default(true) }),
  (options, _at, input: VideoShape) =>
    perFrame(
      normPlan(input, affineWeights(options.affine, input.channels), (x, weights) => {
        const scale = tf.rsqrt(tf.add(tf.div(sumOfSquares(x, [4]), input.channels), options.eps));
        return affine(options.affine, tf.mul(x, scale), weights);
      }),
    ),
);

/** `norm_type` → norm. */
export const norms: Record<string, Component<[input: VideoShape], Plan>> = {
  batch,
  instance,
  layer,
  rms,
  group,
  grn,
  none,
};
