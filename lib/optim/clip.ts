import { tf } from "../engine";

/** √(Σ g²) over all values of all gradients. */
export function globalNorm(grads: readonly tf.Tensor[]): tf.Scalar {
  return tf.tidy(() => tf.sqrt(tf.addN(grads.map((g) => tf.sum(tf.square(g))))) as tf.Scalar);
}

/** So that a norm of 0 divides nothing by 0; the value is PyTorch's. */
const LEAST_NORM = 1e-6;

/** What every gradient is multiplied by, `min(1, limit / (norm + 1e-6))`; null is no limit. */
export function clipScale(norm: tf.Scalar, limit: number | null): tf.Scalar {
  return limit === null ? tf.scalar(1) : tf.minimum(1, tf.div(limit, tf.add(norm, LEAST_NORM)));
}
