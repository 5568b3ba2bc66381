import * as tf from "@tensorflow/tfjs-core";
import { backend, binding } from "./backend";
import { TF } from "./dtypes";
import { attr } from "./kernels/kernel";

/**
 * TensorFlow's ops on tensors whose sizes are unknown while a function is traced. tfjs's own functions compute with the sizes, so they
 * cannot be used between the op that makes an unknown size and `reshape` to a known shape.
 */

/** Runs a function in which results may have unknown sizes, -1. Its own results have known shapes. */
export function withUnknownSizes<T extends tf.TensorContainer>(run: () => T): T {
  const { trace } = binding;
  return tf.tidy(() => (trace ? trace.withUnknownSizes(run) : run()));
}

const int = (value: number) => tf.scalar(value, "int32");
const ints = (values: readonly number[]) => tf.tensor1d([...values], "int32");
const run = (
  name: string,
  inputs: tf.Tensor[],
  attributes: Parameters<typeof backend.executeSingleOutput>[1] = [],
) => backend.executeSingleOutput(name, attributes, inputs);

/** Splits the first axis into parts of the given sizes, int32 `[count]`. */
export const splitRows = (x: tf.Tensor, sizes: tf.Tensor, count: number): tf.Tensor[] =>
  backend.executeMultipleOutputs("SplitV", [attr.int("num_split", count)], [x, sizes, int(0)], count);

/** Joins tensors along the first axis. */
export const joinRows = (parts: readonly tf.Tensor[]): tf.Tensor =>
  parts.length === 1 ? parts[0]! : run("ConcatV2", [...parts, int(0)]);

/** Returns a tensor with another shape, in which one size may be -1. */
export const reshape = (x: tf.Tensor, shape: readonly number[]): tf.Tensor =>
  run("Reshape", [x, ints(shape)]);

/** Returns a part of a tensor from its first element; a size of -1 is the whole axis. */
export const firstOf = (x: tf.Tensor, sizes: readonly number[]): tf.Tensor =>
  run("Slice", [x, ints(sizes.map(() => 0)), ints(sizes)]);

/** Adds zeros at the end of axes. */
export const padEnd = (x: tf.Tensor, amounts: readonly number[]): tf.Tensor =>
  run("Pad", [
    x,
    tf.tensor2d(
      amounts.map((n) => [0, n]),
      [amounts.length, 2],
      "int32",
    ),
  ]);

/** The product of two matrices. */
export const matMul = (
  a: tf.Tensor,
  b: tf.Tensor,
  { transposeA = false, transposeB = false } = {},
): tf.Tensor =>
  run("MatMul", [a, b], [attr.bool("transpose_a", transposeA), attr.bool("transpose_b", transposeB)]);

/** Returns slices of the first axis. */
export const gatherRows = (x: tf.Tensor, indices: tf.Tensor): tf.Tensor =>
  run("GatherV2", [x, indices, int(0)]);

/** The elementwise sum, difference or product, with broadcasting. */
export const add = (a: tf.Tensor, b: tf.Tensor): tf.Tensor => run("AddV2", [a, b]);
export const subtract = (a: tf.Tensor, b: tf.Tensor): tf.Tensor => run("Sub", [a, b]);
export const multiply = (a: tf.Tensor, b: tf.Tensor): tf.Tensor => run("Mul", [a, b]);

/** Returns the sum over an axis. */
export const sumOver = (x: tf.Tensor, axis: number): tf.Tensor =>
  run("Sum", [x, int(axis)], [attr.bool("keep_dims", false)]);

/** Returns a tensor that is available only when another one has been computed. This orders work that takes much memory. */
export const after = (x: tf.Tensor, earlier: tf.Tensor | undefined): tf.Tensor =>
  earlier ? backend.executeMultipleOutputs("IdentityN", [], [x, earlier], 2)[0]! : x;

/** Stacks two tensors along a new last axis of a tensor of this rank. */
export const pairs = (a: tf.Tensor, b: tf.Tensor, axis: number): tf.Tensor =>
  run("Pack", [a, b], [attr.int("axis", axis)]);

/** Returns a tensor with its axes in another order. */
export const transpose = (x: tf.Tensor, axes: readonly number[]): tf.Tensor =>
  run("Transpose", [x, ints(axes)]);

/**
 * Makes a sparse matrix, which only `sparseMatMul` can read.
 *
 * @param at row and column of each element in the order of rows, int32 `[elements, 2]`
 * @param shape int32 `[2]`
 */
export function sparseMatrix(at: tf.Tensor, values: tf.Tensor, shape: tf.Tensor): tf.Tensor {
  const wide = (x: tf.Tensor) => run("Cast", [x], [attr.type("DstT", TF.INT64)]);
  return run("SparseTensorToCSRSparseMatrix", [wide(at), values, wide(shape)]);
}

/** The product of a sparse matrix, transposed first or not, and a dense one. Elements at one place are added. */
export const sparseMatMul = (sparse: tf.Tensor, dense: tf.Tensor, { transposed = false } = {}): tf.Tensor =>
  run(
    "SparseMatrixMatMul",
    [sparse, dense],
    [
      attr.bool("transpose_a", transposed),
      ...["transpose_b", "adjoint_a", "adjoint_b", "transpose_output", "conjugate_output"].map((name) =>
        attr.bool(name, false),
      ),
    ],
  );
