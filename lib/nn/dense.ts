import { tf } from "../engine";
import { type Initializer, uniformByFanIn } from "./initializers";
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

const LEAST_LENGTH = 1e-12;

/** Returns a random unit vector. */
const direction: Initializer = (shape, random) => {
  const values = Float32Array.from({ length: shape[0]! }, () => random.normal());
  const length = Math.hypot(...values);
  return values.map((value) => value / length);
};

/**
 * Plans a dense layer whose weight is divided by its largest singular value `sigma = v W u` (Miyato et al. 2018). The singular vectors
 * are state: each training pass first updates them by one power iteration. The gradient treats the vectors as constants, but not sigma.
 */
export function planSpectralDense(inputs: number, width: number, { bias = true } = {}): VectorPlan {
  const dense = planDense(inputs, width, { bias });
  return {
    ...dense,
    weights: [
      ...dense.weights,
      { name: "u", shape: [width], initial: direction, trained: false, statistic: true },
      { name: "v", shape: [inputs], initial: direction, trained: false, statistic: true },
    ],
    apply: (x, get, { training }) => {
      if (training) iterate(get);
      const weight = get("weight") as unknown as tf.Tensor2D;
      // Read from untrained variables, so no gradient flows through them.
      const { u, v } = columns(get);
      const sigma = tf.sum(tf.mul(v, tf.matMul(weight, u)));
      const y = tf.div<tf.Tensor2D>(tf.matMul(x, weight), sigma);
      return bias ? tf.add(y, get("bias")) : y;
    },
  };
}

function iterate(get: Weights): void {
  const weight = get("weight") as unknown as tf.Tensor2D;
  const assign = (name: string, to: tf.Tensor2D) => {
    const length = tf.maximum(tf.sqrt(tf.sum(tf.square(to))), LEAST_LENGTH);
    get(name).assign(tf.reshape(tf.div(to, length), [-1]));
  };
  assign("v", tf.matMul(weight, columns(get).u));
  assign("u", tf.matMul(weight, columns(get).v, true, false));
}

const columns = (get: Weights) => ({
  u: tf.expandDims(get("u"), 1) as tf.Tensor2D,
  v: tf.expandDims(get("v"), 1) as tf.Tensor2D,
});
