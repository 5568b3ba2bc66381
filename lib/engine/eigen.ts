import type * as tf from "@tensorflow/tfjs-core";
import { backend } from "./backend";
import { TF } from "./dtypes";
import { attr } from "./kernels/kernel";

/**
 * Decomposes a symmetric matrix `[n, n]`. There is no gradient.
 *
 * @returns the eigenvalues `[n]` in rising order, and the eigenvectors as the columns of `[n, n]`
 */
export function symmetricEigen(matrix: tf.Tensor2D): { values: tf.Tensor1D; vectors: tf.Tensor2D } {
  const attributes = [attr.bool("compute_v", true), attr.type("T", TF.FLOAT)];
  const [values, vectors] = backend.executeMultipleOutputs("SelfAdjointEigV2", attributes, [matrix], 2);
  return { values: values as tf.Tensor1D, vectors: vectors as tf.Tensor2D };
}
