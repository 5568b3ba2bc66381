import * as tf from "@tensorflow/tfjs-core";
import { getTFDType } from "#tfjs/backend";
import { TF } from "../dtypes";
import { attr, kernel } from "./kernel";

/** Places the gradient of a strided slice at the position of the slice, with zeros elsewhere. tfjs has no such kernel. */
export const stridedSliceGradKernel = kernel(
  "StridedSliceGrad",
  ({ dy }: { dy: tf.Tensor }, attrs: tf.StridedSliceAttrs & { inputShape: number[] }, backend): tf.Tensor => {
    const attributes = [
      attr.type("T", getTFDType(dy.dtype)),
      attr.type("Index", TF.INT32),
      attr.int("begin_mask", attrs.beginMask),
      attr.int("end_mask", attrs.endMask),
      attr.int("ellipsis_mask", attrs.ellipsisMask),
      attr.int("new_axis_mask", attrs.newAxisMask),
      attr.int("shrink_axis_mask", attrs.shrinkAxisMask),
    ];
    const indices = [attrs.inputShape, attrs.begin, attrs.end, attrs.strides].map((values) =>
      tf.tensor1d(values, "int32"),
    );
    return backend.executeSingleOutput("StridedSliceGrad", attributes, [...indices, dy]);
  },
);
