import { tf } from "../engine";
import { logGamma } from "../engine/log-gamma";

/** Predicted means and responses, with parameters of each unit; all shapes broadcast to that of `robs`, `[B, columns]`. */
export interface Responses {
  /** The predicted mean response. */
  readonly rate: tf.Tensor;
  /** The recorded response. */
  readonly robs: tf.Tensor;
}

/** Computes the squared error `(robs - rate)²` of each value. Traced. */
export const squaredError = ({ rate, robs }: Responses): tf.Tensor => tf.squaredDifference(robs, rate);

/** The least variance, as in PyTorch's `GaussianNLLLoss`. */
const LEAST_VARIANCE = 1e-6;

/**
 * Computes the Gaussian negative log-likelihood of each value without its constant, `(log v + (robs - rate)² / v) / 2` with the variance v.
 * Traced.
 */
export function gaussianLoss({
  rate,
  robs,
  variance,
}: Responses & { readonly variance: tf.Tensor }): tf.Tensor {
  const v = tf.maximum(variance, LEAST_VARIANCE);
  return tf.mul(tf.add(tf.log(v), tf.div(tf.squaredDifference(robs, rate), v)), 0.5);
}

/** Keeps means positive, and logarithms of values that do not count finite. */
const LEAST_MEAN = 1e-8;
const LEAST_RESPONSE = 1e-30;

/** Computes `-log p(y)` of a gamma distribution with a shape k and a scale θ: `log Γ(k) + k log θ - (k - 1) log y + y / θ`. */
function gammaNll(y: tf.Tensor, shape: tf.Tensor, scale: tf.Tensor): tf.Tensor {
  const positive = tf.maximum(y, LEAST_RESPONSE);
  const normalisation = tf.add(logGamma(shape), tf.mul(shape, tf.log(scale)));
  return tf.add(tf.sub(normalisation, tf.mul(tf.sub(shape, 1), tf.log(positive))), tf.div(positive, scale));
}

/**
 * Computes the negative log-likelihood of each value, which must be over 0, under a gamma distribution with the mean `rate` and a shape k;
 * the scale is `rate / k`. Traced.
 */
export function gammaLoss({ rate, robs, shape }: Responses & { readonly shape: tf.Tensor }): tf.Tensor {
  return gammaNll(robs, shape, tf.div(tf.maximum(rate, LEAST_MEAN), shape));
}

/** Responses up to this value count as zero in the zero-inflated gamma distribution. */
const ZERO = Math.exp(-10);

/**
 * Computes the negative log-likelihood of each value, 0 or more, under the zero-inflated gamma distribution of deconvolved calcium traces
 * (Wei et al. 2020, "A zero-inflated gamma model for deconvolved calcium imaging traces"; Bashiri et al. 2021). With the probability
 * `silent` a response is uniform in 0..e⁻¹⁰; else it is e⁻¹⁰ plus a gamma variable with the shape k. The scale of the gamma variable is that
 * with which the mean of the whole distribution is `rate`. Traced.
 */
export function zeroInflatedGammaLoss({
  rate,
  robs,
  silent,
  shape,
}: Responses & { readonly silent: tf.Tensor; readonly shape: tf.Tensor }): tf.Tensor {
  const active = tf.maximum(tf.sub(1, silent), LEAST_MEAN);
  // rate = silent ZERO / 2 + active (ZERO + mean of the gamma variable)
  const mean = tf.sub(tf.div(tf.sub(rate, tf.mul(silent, ZERO / 2)), active), ZERO);
  const scale = tf.div(tf.maximum(mean, LEAST_MEAN), shape);
  const ofActive = tf.sub(gammaNll(tf.sub(robs, ZERO), shape, scale), tf.log(active));
  const ofSilent = tf.neg(tf.sub(tf.log(tf.maximum(silent, LEAST_MEAN)), Math.log(ZERO)));
  return tf.where(tf.greater(robs, ZERO), ofActive, tf.add(ofSilent, tf.zerosLike(ofActive)));
}
