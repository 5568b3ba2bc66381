import type { tf } from "../../engine";
import type { ModelBatch } from "../../model";

/** A batch inside a compiled step: the model's inputs and targets. N is the total number of units. */
export interface Samples extends ModelBatch {
  /** The spike counts, `[B, N]`; 0 where a unit does not belong to the sample's session. */
  readonly robs: tf.Tensor2D;
  /** 1 where the count is valid, else 0, `[B, N]`. */
  readonly mask: tf.Tensor2D;
}
