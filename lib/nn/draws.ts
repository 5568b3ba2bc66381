import type { tf } from "../engine";

/** The random numbers of a training step. They depend only on seed, step and layer. */
export interface DrawsLike {
  /** Returns uniform numbers in [0, 1). @param layer the layer's unique location in the configuration */
  uniform(shape: number[], layer: string): tf.Tensor;
  /** Returns normal numbers with mean 0 and standard deviation 1. */
  normal(shape: number[], layer: string): tf.Tensor;
}
