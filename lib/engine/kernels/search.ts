import type * as tf from "@tensorflow/tfjs-core";
import { scalar } from "@tensorflow/tfjs-core";
import { getTFDType } from "#tfjs/backend";
import { TF } from "../dtypes";
import { attr, kernel } from "./kernel";

/** Kernels that tfjs-node does not register: `searchSorted` (insertion positions in sorted values) and `bincount`. */

const searchSorted = kernel(
  "SearchSorted",
  (
    { sortedSequence, values }: { sortedSequence: tf.Tensor; values: tf.Tensor },
    { side }: tf.SearchSortedAttrs,
    backend,
  ): tf.Tensor => {
    const attributes = [attr.type("T", getTFDType(values.dtype)), attr.type("out_type", TF.INT32)];
    const op = side === "left" ? "LowerBound" : "UpperBound";
    return backend.executeSingleOutput(op, attributes, [sortedSequence, values]);
  },
);

const denseBincount = kernel(
  "DenseBincount",
  (
    { x, weights }: { x: tf.Tensor; weights: tf.Tensor },
    { size, binaryOutput }: tf.DenseBincountAttrs,
    backend,
  ): tf.Tensor => {
    const attributes = [
      attr.type("Tidx", TF.INT32),
      attr.type("T", getTFDType(weights.dtype)),
      attr.bool("binary_output", binaryOutput ?? false),
    ];
    return backend.executeSingleOutput("DenseBincount", attributes, [x, scalar(size, "int32"), weights]);
  },
);

export const searchKernels = [searchSorted, denseBincount];
