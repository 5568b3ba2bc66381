import { tf } from "../../engine";

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
export function meanOverDatasets(
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
