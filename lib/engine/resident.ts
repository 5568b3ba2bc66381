import type * as tf from "@tensorflow/tfjs-core";
import { tidy } from "@tensorflow/tfjs-core";
import { ATTR } from "./attributes";
import { backend, binding, wrap } from "./backend";
import { TF } from "./dtypes";
import { gather } from "./kernels/gather";

declare const RESIDENT: unique symbol;
/** A tensor whose values TensorFlow keeps as uint8; tfjs, which has no such type, calls it int32. */
export type Uint8Tensor = tf.Tensor & { readonly [RESIDENT]: true };

/**
 * Moves bytes, such as a stimulus movie, to TensorFlow once, at one byte a value.
 *
 * @param values as many as the shape says
 * @returns only for `gatherRows`; the caller disposes it
 */
export function uint8Tensor(values: Uint8Array, shape: number[]): Uint8Tensor {
  const id = binding.createTensor(shape, TF.UINT8, values);
  return wrap({ id, shape, dtype: TF.UINT8 }) as Uint8Tensor;
}

/**
 * The rows of a uint8 tensor at some indices, as float32.
 *
 * @param rows `[n, ...rest]`
 * @param indices int32, any shape, each in 0..n-1
 * @returns `[...indices.shape, ...rest]`, not normalised. No gradient.
 */
export function gatherRows(rows: Uint8Tensor, indices: tf.Tensor): tf.Tensor {
  return tidy(() => {
    const bytes = gather(backend, rows, indices, { axis: 0, batchDims: 0, dtype: TF.UINT8 });
    const types = [
      { name: "SrcT", type: ATTR.TYPE, value: TF.UINT8 },
      { name: "DstT", type: ATTR.TYPE, value: TF.FLOAT },
    ];
    return backend.executeSingleOutput("Cast", types, [bytes]);
  });
}
