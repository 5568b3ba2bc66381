import { z } from "zod";
import { tf } from "../../engine";
import { ones, zeros } from "../initializers";
import type { Mode, Plan, WeightSpec, Weights } from "../plan";
import { SAME_PLACE, type VideoShape } from "../shape";

/** The option `eps`, which prevents a division by zero. */
export const eps = z.number().positive().default(1e-5);

/** Plans a norm, which keeps the shape of its input. Callers wrap norms that treat frames independently in `perFrame`. */
export function normPlan(
  input: VideoShape,
  weights: readonly WeightSpec[],
  apply: (x: tf.Tensor5D, weights: Weights, mode: Mode) => tf.Tensor5D,
): Plan {
  return { output: input, weights, flops: 0, geometry: SAME_PLACE, apply };
}

/** Returns the weights for a gain and a shift per channel, or none. */
export function affineWeights(wanted: boolean, channels: number): WeightSpec[] {
  if (!wanted) return [];
  return [
    { name: "gamma", shape: [channels], initial: ones },
    { name: "beta", shape: [channels], initial: zeros },
  ];
}

export function affine(wanted: boolean, x: tf.Tensor5D, weights: Weights): tf.Tensor5D {
  return wanted ? tf.add(tf.mul(x, weights("gamma")), weights("beta")) : x;
}
