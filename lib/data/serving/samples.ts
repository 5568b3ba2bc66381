import type { tf } from "../../engine";
import type { ModelBatch } from "../../model";

/** A batch inside a compiled step: what the model sees, and what it should have said. N is the number of all units. */
export interface Samples extends ModelBatch {
  /** Spike counts `[B, N]`; 0 where a unit is not of the sample's session. */
  readonly robs: tf.Tensor2D;
  /** 1 where the count is valid, else 0, `[B, N]`. */
  readonly mask: tf.Tensor2D;
}
