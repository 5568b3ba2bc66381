import { tf } from "../engine";
import type { Weights } from "../nn";

/** The model's inputs for a batch of B samples. */
export interface ModelBatch {
  /** `[B, lags, height, width, channels]`, float32, normalised, newest frame last; all models but modulator-only ones need it. */
  readonly stim?: tf.Tensor5D;
  /** The behaviour of the animal, `[B, behaviors]`; models with a modulator need it. */
  readonly behavior?: tf.Tensor2D;
  /** Eye position, `[B, 2]`; models with a shifter need it. */
  readonly eyepos?: tf.Tensor2D;
  /**
   * The spike counts of the bins before the predicted one, oldest first; models with spike history need it. `[B, lags, U]` for the units of
   * each sample's session (`ownOutputs`); `[B, lags, N]` for all units, 0 where a unit does not belong to the sample's session.
   */
  readonly history?: tf.Tensor3D;
  /** The session of each sample, int32, `[B]`; models with an adapter or a shifter need it. -1 for padding samples. */
  readonly dataset?: tf.Tensor1D;
}

/** Returns an input of the model. @throws Error when the batch does not have it */
export function given<T>(value: T | undefined, name: keyof ModelBatch): T {
  if (value === undefined) throw new Error(`The model reads \`${name}\`, but the batch does not contain it.`);
  return value;
}

/**
 * Returns a weight of each sample's session, `{session}.{name}`: `[B, ...]`.
 *
 * @param dataset_B the session of each sample, int32. Padding samples have -1 and get an arbitrary session's weight, because their
 * results are ignored
 */
export function ofEachSample(
  name: string,
  sessions: number,
  dataset_B: tf.Tensor1D,
  weights: Weights,
): tf.Tensor {
  const index = tf.maximum(dataset_B, tf.scalar(0, "int32"));
  return tf.gather(tf.stack(Array.from({ length: sessions }, (_, i) => weights(`${i}.${name}`))), index);
}

/** The order in which a model sees a sample's frames, and the bins of its history. */
export const LAG_ORDERS = ["oldest_first", "newest_first"] as const;
/** The order of a sample's lags. */
export type LagOrder = (typeof LAG_ORDERS)[number];

/** Turns the frames of a batch, which are served oldest first, into the order that a model sees. */
export function inLagOrder(batch: ModelBatch, order: LagOrder): ModelBatch {
  const { stim, history } = batch;
  if (order === "oldest_first") return batch;
  return {
    ...batch,
    ...(stim ? { stim: tf.reverse(stim, 1) } : {}),
    ...(history ? { history: tf.reverse(history, 1) } : {}),
  };
}
