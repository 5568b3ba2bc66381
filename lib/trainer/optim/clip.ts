import { tf } from "../../engine";
import { mulNoNan } from "../../engine/mul-no-nan";

/** Options of gradient clipping; names follow Lightning. */
export interface ClipOptions {
  /** The limit of the gradients; null or 0 is no limit. Default null. */
  gradientClipVal?: number | null;
  /** Whether the limit applies to the global norm of the gradients or to the size of each value. Default "norm". */
  gradientClipAlgorithm?: ClipAlgorithm;
}

/** The ways to clip gradients. */
export const CLIP_ALGORITHMS = ["norm", "value"] as const;
/** The way to clip gradients. */
export type ClipAlgorithm = (typeof CLIP_ALGORITHMS)[number];

/** Returns √(Σ g²) over all values of all gradients. Traced. */
export function globalNorm(grads: readonly tf.Tensor[]): tf.Scalar {
  return tf.tidy(() => tf.sqrt(sumOfSquares(grads)) as tf.Scalar);
}

/** Returns Σ g² over all values of all gradients; 0 without any. Traced. */
export function sumOfSquares(grads: readonly tf.Tensor[]): tf.Scalar {
  if (grads.length === 0) return tf.scalar(0);
  return tf.tidy(() => tf.addN(grads.map((g) => tf.sum<tf.Scalar>(tf.square(g)))));
}

/** Keeps the scale finite for a norm of 0; the value is PyTorch's. */
const LEAST_NORM = 1e-6;

/**
 * Returns the function that clips gradients, given their global norm: `min(1, limit / (norm + 1e-6))` as a factor of
 * each (PyTorch's `clip_grad_norm_`), or clamping of each value to ±limit (`clip_grad_value_`). Non-finite gradients
 * become 0. Traced.
 */
export function clipping(
  norm: tf.Scalar,
  { gradientClipVal, gradientClipAlgorithm }: Required<ClipOptions>,
): { finite: tf.Scalar; clip: (gradient: tf.Tensor) => tf.Tensor } {
  const limit = gradientClipVal || null;
  const byNorm = gradientClipAlgorithm === "norm" ? limit : null;
  const clipped = byNorm === null ? tf.scalar(1) : tf.minimum(1, tf.div(byNorm, tf.add(norm, LEAST_NORM)));
  const finite = tf.cast(tf.isFinite(norm), "float32") as tf.Scalar;
  const scale = tf.where(tf.greater(finite, 0), clipped, 0);
  const scaled = (gradient: tf.Tensor) => mulNoNan(gradient, scale);
  if (limit === null || byNorm !== null) return { finite, clip: scaled };
  return { finite, clip: (gradient) => tf.clipByValue(scaled(gradient), -limit, limit) };
}
