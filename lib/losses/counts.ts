import { type Place, partOf } from "../base/config";
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

/** The inputs of a loss of counts: rates (or their logarithms) and counts of B samples and N units, `[B, N]`. */
interface Counted {
  readonly rate: tf.Tensor2D;
  readonly robs: tf.Tensor2D;
  /** 1 where the value counts, else 0, `[B, N]`. */
  readonly mask: tf.Tensor2D;
  /** The session of each unit. */
  readonly unitDataset: Int32Array;
}

/**
 * The masked mean of a loss within each session, then the mean over sessions. Traced.
 *
 * Masked values may be anything, including NaN. A session with a non-finite loss does not affect the losses of other sessions; if its
 * counts are the cause, it does not affect their gradients either. These elements are replaced by a rate of 1 and a count of 0, because 0
 * times a non-finite number is not 0.
 *
 * @param lossOf the loss of each sample and unit, `[B, N]`
 */
function meanOverDatasets(
  { rate, robs, mask, unitDataset }: Counted,
  lossOf: (rate: tf.Tensor2D, robs: tf.Tensor2D) => tf.Tensor,
): DatasetLosses {
  const datasets = Math.max(...unitDataset) + 1;
  const ofUnit = tf.tensor1d(unitDataset, "int32");
  const perDataset = (values: tf.Tensor) =>
    tf.unsortedSegmentSum(tf.sum(values, 0), ofUnit, datasets) as tf.Tensor1D;
  const weight = perDataset(mask);
  const valid = tf.greater(mask, 0);
  const present = tf.cast(tf.greater(weight, 0), "float32");
  const meanOf = (each: tf.Tensor) =>
    tf.div<tf.Tensor1D>(perDataset(tf.where(valid, tf.mul(each, mask), 0)), tf.maximum(weight, 1));
  // Tests for finite values by a comparison: tfjs's `isFinite` has a gradient of 0, which becomes NaN when multiplied by an infinite
  // gradient.
  const sound = tf.less(tf.abs(meanOf(lossOf(rate, robs))), Number.POSITIVE_INFINITY);
  const ofSound = tf.expandDims(tf.gather(tf.cast(sound, "float32"), ofUnit), 0);
  const used = tf.greater(tf.mul(mask, ofSound), 0);
  const within = (values: tf.Tensor2D, otherwise: number) =>
    tf.where(used, values, tf.fill(values.shape, otherwise)) as tf.Tensor2D;
  const mean = meanOf(lossOf(within(rate, 1), within(robs, 0)));
  const datasetLoss = tf.where(sound, mean, tf.fill([datasets], Number.NaN)) as tf.Tensor1D;
  const counted = tf.mul(present, tf.cast(sound, "float32"));
  const finite = tf.where(tf.greater(counted, 0), datasetLoss, tf.zerosLike(datasetLoss));
  const loss = tf.div<tf.Scalar>(tf.sum(finite), tf.maximum(tf.sum(counted), 1));
  return { loss, datasetLoss, present: present as tf.Tensor1D, weight };
}

/** Keeps the logarithm of a rate of 0 finite. */
const LEAST_RATE = 1e-8;

/** The inputs of a Poisson loss. */
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
function zeroInflatedMeanLoss(
  { pi_N, rate, ...inputs }: PoissonInputs & { readonly pi_N?: tf.Tensor1D | undefined },
  { logRate }: { logRate: boolean },
): DatasetLosses {
  return tf.tidy(() => {
    const pi = tf.expandDims(pi_N!, 0) as tf.Tensor2D;
    const mean = logRate ? tf.exp(rate) : rate;
    return zeroInflatedPoissonLoss({ ...inputs, pi, rate: tf.div(mean, tf.sub(1, pi)) });
  });
}

/** Computes the loss of a batch. `pi_N` is the probability that a unit's bin is silent at any rate, for losses that use it. */
export type Loss = (
  inputs: PoissonInputs & { readonly pi_N?: tf.Tensor1D | undefined },
  how: { logRate: boolean },
) => DatasetLosses;

/** `loss` of a model's configuration → loss. */
export const losses = {
  poisson: poissonLoss,
  zero_inflated_poisson: zeroInflatedMeanLoss,
} as const satisfies Record<string, Loss>;

/** A loss that configurations can name. */
export interface LossPart {
  readonly kind: "loss";
  readonly loss: Loss;
}

/** The library's losses as parts. */
export const lossParts: Readonly<Record<string, LossPart>> = Object.fromEntries(
  Object.entries(losses).map(([name, loss]) => [name, { kind: "loss", loss }]),
);

/**
 * Makes a loss that configurations can name, as an export of a module: `loss: ./my_loss.ts#mine` in the model's file. As with the
 * library's losses, masked values are ignored, and the result is the mean within each session, then over sessions.
 *
 * @param each returns the loss of every sample and unit, `[B, N]`, from rates (spikes per bin) and counts, both `[B, N]`. Traced.
 * @example
 * export const squared = defineLoss(({ rate, robs }) => tf.squaredDifference(rate, robs));
 */
export function defineLoss(each: (inputs: { rate: tf.Tensor2D; robs: tf.Tensor2D }) => tf.Tensor): LossPart {
  return {
    kind: "loss",
    loss: (inputs, { logRate }) =>
      tf.tidy(() =>
        meanOverDatasets(inputs, (rate, robs) => each({ rate: logRate ? tf.exp(rate) : rate, robs })),
      ),
  };
}

/** Returns the loss with a name. @throws ConfigError for an unknown name, or an export that is not a loss */
export function lossOf(name: string, at: Place): Loss {
  return partOf("loss", lossParts, name, at).loss;
}
