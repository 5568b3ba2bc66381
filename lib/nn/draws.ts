import type { tf } from "../engine";

/** Random numbers of a training step: the same for the same seed, step and layer, however many others are drawn. */
export interface DrawsLike {
  /** In [0, 1). @param layer where in the configuration the layer stands: no two layers have the same */
  uniform(shape: number[], layer: string): tf.Tensor;
  /** Mean 0, standard deviation 1. */
  normal(shape: number[], layer: string): tf.Tensor;
}
