import { tf } from "../engine";
import { type DatasetLosses, meanOverDatasets } from "./datasets";
import type { PoissonInputs } from "./poisson";

/** Keeps the logarithms finite. */
const LEAST = 1e-8;

/**
 * Zero-inflated Poisson (Lambert 1992), without log y!: with probability pi a bin is silent whatever the rate. No spike:
 * `-log(pi + (1 - pi) exp(-rate))`; else `-log(1 - pi) - y log(rate) + rate`. Means as in `poissonLoss`. Traced.
 *
 * @param pi probabilities, `[B, N]`
 */
export function zeroInflatedPoissonLoss({
  rate,
  pi,
  robs,
  mask,
  unitDataset,
}: PoissonInputs & { readonly pi: tf.Tensor2D }): DatasetLosses {
  return tf.tidy(() => {
    const log = (x: tf.Tensor) => tf.log(tf.add(x, LEAST));
    const open = tf.sub(1, pi);
    const silent = tf.neg(log(tf.add(pi, tf.mul(open, tf.exp(tf.neg(rate))))));
    const spiking = tf.sub(rate, tf.add(log(open), tf.mul(robs, log(rate))));
    const each = tf.where(tf.equal(robs, 0), silent, spiking) as tf.Tensor2D;
    return meanOverDatasets(each, mask, unitDataset);
  });
}
