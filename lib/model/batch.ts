import type { tf } from "../engine";

/** What the model sees of a batch of B samples. */
export interface ModelBatch {
  /** `[B, lags, height, width, 1]`, float32, normalised, newest frame last; all models but modulator-only ones need it. */
  readonly stim?: tf.Tensor5D;
  /** What the animal does, `[B, behaviors]`; models with a modulator need it. */
  readonly behavior?: tf.Tensor2D;
  /** The session of each sample, int32, `[B]`; models with an adapter need it. -1 for one that only fills the batch up. */
  readonly dataset?: tf.Tensor1D;
}

/** @throws Error when a batch was served without something that the model reads */
export function given<T>(value: T | undefined, name: keyof ModelBatch): T {
  if (value === undefined) throw new Error(`The model reads \`${name}\`, but the batch has none.`);
  return value;
}
