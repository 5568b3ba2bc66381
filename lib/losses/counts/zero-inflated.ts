import { tf } from "../../engine";
import { type DatasetLosses, meanOverDatasets } from "./datasets";
import type { PoissonInputs } from "./poisson";

/** Keeps the logarithms finite. */
const LEAST = 1e-8;

/**
 * Computes the zero-inflated Poisson loss (Lambert 1992) without log y!: with probability pi a bin is silent at any rate. No spike:
 * `-log(pi + (1 - pi) exp(-rate))`; else `-log(1 - pi) - y log(rate) + rate`. Means as in `poissonLoss`. Traced.
 *
 * @param pi probabilities, `[B, N]`, or `[1, N]` for all samples
 */
export function zeroInflatedPoissonLoss({
  pi,
  ...inputs
}: PoissonInputs & { readonly pi: tf.Tensor2D }): DatasetLosses {
  return tf.tidy(() =>
    meanOverDatasets(inputs, (rate, robs) => {
      const log = (x: tf.Tensor) => tf.log(tf.add(x, LEAST));
      const open = tf.sub(1, pi);
      const silent = tf.neg(log(tf.add(pi, tf.mul(open, tf.exp(tf.neg(rate))))));
      const spiking = tf.sub(rate, tf.add(log(open), tf.mul(robs, log(rate))));
      return tf.where(tf.equal(robs, 0), silent, spiking);
    }),
  );
}

/**
 * Computes `zeroInflatedPoissonLoss` for a model whose rate is the mean count over all bins, including silent ones. In a bin that is not
 * silent, the unit fires at `rate / (1 - pi)`. Traced.
 *
 * @param pi_N each unit's probability of a silent bin, `[N]`
 * @param how `logRate`: the rate is given as its logarithm
 */
export function zeroInflatedMeanLoss(
  { pi_N, rate, ...inputs }: PoissonInputs & { readonly pi_N?: tf.Tensor1D | undefined },
  { logRate }: { logRate: boolean },
): DatasetLosses {
  return tf.tidy(() => {
    const pi = tf.expandDims(pi_N!, 0) as tf.Tensor2D;
    const mean = logRate ? tf.exp(rate) : rate;
    return zeroInflatedPoissonLoss({ ...inputs, pi, rate: tf.div(mean, tf.sub(1, pi)) });
  });
}
