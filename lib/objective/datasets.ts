import { tf } from "../engine";

/** The loss of a batch, and of each of its D sessions. */
export interface DatasetLosses extends tf.TensorContainerObject {
  /** The mean over the sessions that are present with a finite loss; 0 when there is none. */
  loss: tf.Scalar;
  /** `[D]`; 0 where the session is absent, not finite where it went wrong. */
  datasetLoss: tf.Tensor1D;
  /** 1 where the batch has valid bins of the session, else 0, `[D]`. */
  present: tf.Tensor1D;
  /** The number of valid bins, `[D]`: what a mean over several processes weighs a session's loss by. */
  weight: tf.Tensor1D;
}

/**
 * The masked mean of a loss within each session, then the mean over sessions. Traced.
 *
 * What the mask leaves out may be anything: a session that went wrong does not touch the others' losses.
 *
 * @param each loss of each sample and unit, `[B, N]`
 * @param mask 1 where the value counts, else 0, `[B, N]`
 * @param unitDataset the session of each unit
 */
export function meanOverDatasets(
  each: tf.Tensor2D,
  mask: tf.Tensor2D,
  unitDataset: Int32Array,
): DatasetLosses {
  const datasets = Math.max(...unitDataset) + 1;
  const ofUnit = tf.tensor1d(unitDataset, "int32");
  const perDataset = (values: tf.Tensor) =>
    tf.unsortedSegmentSum(tf.sum(values, 0), ofUnit, datasets) as tf.Tensor1D;
  const weight = perDataset(mask);
  const valid = tf.greater(mask, 0);
  const present = tf.cast(tf.greater(weight, 0), "float32");
  const datasetLoss = tf.div<tf.Tensor1D>(
    perDataset(tf.where(valid, tf.mul(each, mask), 0)),
    tf.maximum(weight, 1),
  );
  const counted = tf.mul(present, tf.cast(tf.isFinite(datasetLoss), "float32"));
  const finite = tf.where(tf.greater(counted, 0), datasetLoss, tf.zerosLike(datasetLoss));
  const loss = tf.div<tf.Scalar>(tf.sum(finite), tf.maximum(tf.sum(counted), 1));
  return { loss, datasetLoss, present: present as tf.Tensor1D, weight };
}
