import type { tf } from "../engine";

/** What the model sees of a batch of B samples. */
export interface ModelBatch {
  /** `[B, lags, height, width, 1]`, float32, normalised, newest frame last; all models but modulator-only ones need it. */
  readonly stim?: tf.Tensor5D;
  /** What the animal does, `[B, behaviors]`; models with a modulator need it. */
  readonly behavior?: tf.Tensor2D;
  /** Eye position, `[B, 2]`; models with a shifter need it. */
  readonly eyepos?: tf.Tensor2D;
  /**
   * Spikes of the bins before the predicted one, `[B, lags, N]`, oldest first, 0 where a unit is not of the sample's session;
   * models with spike history need it.
   */
  readonly history?: tf.Tensor3D;
  /** The session of each sample, int32, `[B]`; models with an adapter or a shifter need it. -1 for one that only fills the batch up. */
  readonly dataset?: tf.Tensor1D;
}

/** @throws Error when a batch was served without something that the model reads */
export function given<T>(value: T | undefined, name: keyof ModelBatch): T {
  if (value === undefined) throw new Error(`The model reads \`${name}\`, but the batch has none.`);
  return value;
}
