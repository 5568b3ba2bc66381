import { tf } from "../../engine";
import { type DatasetLosses, meanOverDatasets } from "./datasets";

/** Keeps the logarithm of a rate of 0 finite. */
const LEAST_RATE = 1e-8;

export interface PoissonInputs {
  /** Rates of all N units for all B samples, or their logarithms (`logRate`), `[B, N]`. */
  readonly rate: tf.Tensor2D;
  /** Spike counts, `[B, N]`. */
  readonly robs: tf.Tensor2D;
  /** 1 where the count is valid and of the sample's session, else 0, `[B, N]`. */
  readonly mask: tf.Tensor2D;
  /** The session of each unit, N entries. */
  readonly unitDataset: Int32Array;
}

/**
 * Computes the Poisson negative log-likelihood without its constant: `rate - robs log(rate + 1e-8)`, or `exp(x) - robs x` where x is the
 * logarithm of the rate; the mean over the unmasked values of each session, then the mean over sessions. Traced.
 */
export function poissonLoss(inputs: PoissonInputs, { logRate }: { logRate: boolean }): DatasetLosses {
  return tf.tidy(() =>
    meanOverDatasets(inputs, (rate, robs) =>
      logRate
        ? tf.sub(tf.exp(rate), tf.mul(robs, rate))
        : tf.sub(rate, tf.mul(robs, tf.log(tf.add(rate, LEAST_RATE)))),
    ),
  );
}
