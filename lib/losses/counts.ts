import { tf } from "../engine";

/** The loss of a batch, and of each of its D sessions. */
export interface DatasetLosses extends tf.TensorContainerObject {
  /** The mean over the sessions that are present with a finite loss; 0 when there is none. */
  loss: tf.Scalar;
  /** `[D]`; 0 where the session is absent, not finite where it went wrong. */
  datasetLoss: tf.Tensor1D;
  /** 1 where the batch has valid bins of the session, else 0, `[D]`. */
  present: tf.Tensor1D;
  /** The number of valid bins, `[D]`: the weight of a session's loss in a mean over several processes. */
  weight: tf.Tensor1D;
}

/**
 * The assignment of values `[B, columns]` to sessions: by column, when each column is a unit (`unitDataset`, the session of each); or by
 * row, when the columns are the units of the sample's session (`dataset`, the session of each sample, int32 `[B]`, -1 for padding
 * samples, and the number of sessions).
 */
export type ValueSessions =
  | { readonly unitDataset: Int32Array }
  | { readonly dataset: tf.Tensor1D; readonly sessions: number };

/** Sums of each session and values of each session, for values `[B, columns]`. */
interface BySession {
  readonly sessions: number;
  /** Sums `[B, columns]` within each session: `[D]`. */
  sum(values: tf.Tensor): tf.Tensor1D;
  /** Returns the value `[D]` of each value's session: `[1, columns]` or `[B, 1]`. */
  spread(values: tf.Tensor1D): tf.Tensor2D;
}

function bySession(of: ValueSessions): BySession {
  if ("unitDataset" in of) {
    const sessions = Math.max(...of.unitDataset) + 1;
    const index = tf.tensor1d(of.unitDataset, "int32");
    return {
      sessions,
      sum: (values) => tf.unsortedSegmentSum(tf.sum(values, 0), index, sessions),
      spread: (values) => tf.expandDims(tf.gather(values, index), 0),
    };
  }
  const { dataset, sessions } = of;
  const index = tf.maximum<tf.Tensor1D>(dataset, tf.scalar(0, "int32"));
  return {
    sessions,
    sum: (values) => tf.unsortedSegmentSum(tf.sum(values, 1), index, sessions),
    spread: (values) => tf.expandDims(tf.gather(values, index), 1),
  };
}

/** The inputs of a loss of counts. Columns are all N units of all sessions, or the U units of each sample's session. */
export type PoissonInputs = ValueSessions & {
  /** Rates of B samples, or their logarithms (`logRate`), `[B, columns]`. */
  readonly rate: tf.Tensor2D;
  /** Spike counts, `[B, columns]`. */
  readonly robs: tf.Tensor2D;
  /** 1 where the count is valid and of a unit of the sample's session, else 0, `[B, columns]`. */
  readonly mask: tf.Tensor2D;
};

/**
 * The masked mean of a loss within each session, then the mean over sessions. Traced.
 *
 * Masked values may be anything, including NaN. A session with a non-finite loss does not affect the losses of other sessions; if its
 * counts are the cause, it does not affect their gradients either. These elements are replaced by a rate of 1 and a count of 0, because 0
 * times a non-finite number is not 0.
 *
 * @param lossOf the loss of each value, `[B, columns]`
 */
export function meanOverDatasets(
  { rate, robs, mask, ...of }: PoissonInputs,
  lossOf: (rate: tf.Tensor2D, robs: tf.Tensor2D) => tf.Tensor,
): DatasetLosses {
  const { sessions, sum, spread } = bySession(of);
  const weight = sum(mask);
  const valid = tf.greater(mask, 0);
  const present = tf.cast(tf.greater(weight, 0), "float32");
  const meanOf = (each: tf.Tensor) =>
    tf.div<tf.Tensor1D>(sum(tf.where(valid, tf.mul(each, mask), 0)), tf.maximum(weight, 1));
  // Tests for finite values by a comparison: tfjs's `isFinite` has a gradient of 0, which becomes NaN when multiplied by an infinite
  // gradient.
  const sound = tf.less(tf.abs(meanOf(lossOf(rate, robs))), Number.POSITIVE_INFINITY) as tf.Tensor1D;
  const used = tf.greater(tf.mul(mask, spread(tf.cast(sound, "float32"))), 0);
  const within = (values: tf.Tensor2D, otherwise: number) =>
    tf.where(used, values, tf.fill(values.shape, otherwise)) as tf.Tensor2D;
  const mean = meanOf(lossOf(within(rate, 1), within(robs, 0)));
  const datasetLoss = tf.where(sound, mean, tf.fill([sessions], Number.NaN)) as tf.Tensor1D;
  const counted = tf.mul(present, tf.cast(sound, "float32"));
  const finite = tf.where(tf.greater(counted, 0), datasetLoss, tf.zerosLike(datasetLoss));
  const loss = tf.div<tf.Scalar>(tf.sum(finite), tf.maximum(tf.sum(counted), 1));
  return { loss, datasetLoss, present: present as tf.Tensor1D, weight };
}

/** Keeps the logarithm of a rate or a probability of 0 finite. */
const LEAST_RATE = 1e-8;

/**
 * Computes the Poisson negative log-likelihood without its constant: `rate - robs log(rate + 1e-8)`, or `exp(x) - robs x` where x is the
 * logarithm of the rate; the mean over the unmasked values of each session, then the mean over sessions. Traced.
 */
export function poissonLoss(inputs: PoissonInputs, { logRate }: { logRate: boolean }): DatasetLosses {
  return tf.tidy(() => meanOverDatasets(inputs, (rate, robs) => poissonOf(rate, robs, { logRate })));
}

/** Computes the loss of `poissonLoss` for each value. Traced. @param x the rate, or its logarithm (`logRate`) */
export function poissonOf(x: tf.Tensor, robs: tf.Tensor, { logRate }: { logRate: boolean }): tf.Tensor {
  if (logRate) return tf.sub(tf.exp(x), tf.mul(robs, x));
  return tf.sub(x, tf.mul(robs, tf.log(tf.add(x, LEAST_RATE))));
}

/**
 * Computes the zero-inflated Poisson loss (Lambert 1992) without log y!: with probability pi a bin is silent at any rate. No spike:
 * `-log(pi + (1 - pi) exp(-rate))`; else `-log(1 - pi) - y log(rate) + rate`. Means as in `poissonLoss`. Traced.
 *
 * @param pi probabilities, `[B, columns]`, or `[1, columns]` for all samples
 */
export function zeroInflatedPoissonLoss({
  pi,
  ...inputs
}: PoissonInputs & { readonly pi: tf.Tensor2D }): DatasetLosses {
  return tf.tidy(() => meanOverDatasets(inputs, (rate, robs) => zeroInflatedPoissonOf(rate, robs, pi)));
}

/** Computes the zero-inflated Poisson loss of each value, for rates in bins that are not silent. Traced. */
export function zeroInflatedPoissonOf(rate: tf.Tensor, robs: tf.Tensor, pi: tf.Tensor): tf.Tensor {
  const log = (x: tf.Tensor) => tf.log(tf.add(x, LEAST_RATE));
  const open = tf.sub(1, pi);
  const silent = tf.neg(log(tf.add(pi, tf.mul(open, tf.exp(tf.neg(rate))))));
  const spiking = tf.sub(rate, tf.add(log(open), tf.mul(robs, log(rate))));
  return tf.where(tf.equal(robs, 0), silent, spiking);
}
