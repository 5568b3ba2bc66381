import { tf } from "../engine";
import { uniformByFanIn } from "./initializers";
import type { Mode, WeightSpec, Weights } from "./plan";

/** A layer on vectors, before it has weights. */
export interface VectorPlan {
  /** The number of output values per sample. */
  readonly width: number;
  readonly weights: readonly WeightSpec[];
  /** The operations of one sample's forward pass. */
  readonly flops: number;
  /** `[B, inputs]` → `[B, width]`. Uses only tfjs ops, so that it can be compiled. */
  apply(x_BN: tf.Tensor2D, weights: Weights, mode: Mode): tf.Tensor2D;
}

/** Plans `x W + b`, with `W` of shape `[inputs, width]`. */
export function planDense(
  inputs: number,
  width: number,
  { bias = true, initial = uniformByFanIn(inputs), initialBias = uniformByFanIn(inputs) } = {},
): VectorPlan {
  const weights = [{ name: "weight", shape: [inputs, width], initial }];
  if (bias) weights.push({ name: "bias", shape: [width], initial: initialBias });
  return {
    width,
    weights,
    flops: 2 * inputs * width,
    apply: (x, get) => {
      const y = tf.matMul<tf.Tensor2D>(x, get("weight") as unknown as tf.Tensor2D);
      return bias ? tf.add(y, get("bias")) : y;
    },
  };
}
