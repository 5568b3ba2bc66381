import { z } from "zod";
import type { Place } from "../base/config";
import { tf } from "../engine";
import { perFrame } from "./newest";
import { identityPlan, type Mode, type Plan, type Rng } from "./plan";
import type { VideoShape } from "./shape";

/** The share that is dropped in training; 0 disables dropout. */
export const dropoutRate = z.number().min(0).lt(1).default(0);

/** Returns the random numbers of a mode. @throws Error when a training step has none */
export function rngOf({ draws, rng = draws }: Mode, layer: string): Rng {
  if (!rng)
    throw new Error(
      `${layer} needs random numbers in training; give \`rng\` in the mode of the forward pass.`,
    );
  return rng;
}

/**
 * Sets values to 0 with probability `rate` and divides the others by `1 - rate`, in training only (Srivastava et al. 2014).
 *
 * @param layer the location of the dropout in the configuration, for its random numbers
 * @param shape the shape of the dropout mask, which is broadcast over x. Default: each value is dropped independently
 */
export function dropout<T extends tf.Tensor>(
  x: T,
  rate: number,
  mode: Mode,
  layer: string,
  shape: readonly number[] = x.shape,
): T {
  if (rate === 0 || !mode.training) return x;
  const kept = tf.greaterEqual(rngOf(mode, layer).uniform([...shape], layer), rate);
  return tf.mul(x, tf.mul(tf.cast(kept, "float32"), 1 / (1 - rate)));
}

/** Plans dropout of single values as a layer. */
export function planDropout(rate: number, input: VideoShape, at: Place): Plan {
  const plan = identityPlan(input);
  return rate === 0
    ? plan
    : perFrame({ ...plan, apply: (x, _weights, mode) => dropout(x, rate, mode, at.path) });
}
