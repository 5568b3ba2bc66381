import * as tf from "@tensorflow/tfjs-core";
import { BACKEND } from "./kernel";
import { geometry, type WindowAttributes } from "./window-geometry";

/**
 * Pooling with padding by numbers, which tfjs-node's kernels refuse: they are given the padded input. As in tfjs, what is
 * padding is neither a maximum nor counted in a mean;
 * the mean of padding alone is 0.
 */

type Pooling = "max" | "average";
interface PoolAttributes extends WindowAttributes {
  filterSize: number | number[];
}

function padded(kernelName: string, pooling: Pooling, axes: 2 | 3): tf.KernelConfig {
  const { kernelFunc, ...own } = tf.getKernel(kernelName, BACKEND);
  return {
    ...own,
    kernelFunc: (call) => {
      const attributes = call.attrs as unknown as PoolAttributes;
      if (typeof attributes.pad === "string" || attributes.pad === 0) return kernelFunc(call);
      return tf.tidy(() => {
        const { x, input = x, output, dy } = call.inputs as Record<string, tf.Tensor>;
        const { filterSize } = attributes;
        const taps = Array.isArray(filterSize) ? filterSize : Array<number>(axes).fill(filterSize);
        const g = geometry(input!.shape, taps, attributes, axes);
        const attrs = { ...call.attrs, pad: "valid" };
        const border = pooling === "max" ? Number.NEGATIVE_INFINITY : 0;
        const around = g.pad(input!, border);
        if (!dy) {
          const y = kernelFunc({ ...call, inputs: { x: around }, attrs }) as tf.Tensor;
          return pooling === "max" ? y : tf.divNoNan(y, counted(input!, g.pad, axes, attrs));
        }
        const gradient = pooling === "max" ? dy : tf.divNoNan(dy, counted(input!, g.pad, axes, attrs));
        const inputs = { dy: gradient, input: around, ...(output && { output }) };
        return g.crop(kernelFunc({ ...call, inputs, attrs }) as tf.Tensor);
      });
    },
  };
}

/** The share of each window that is not padding. */
function counted(
  x: tf.Tensor,
  pad: (x: tf.Tensor) => tf.Tensor,
  axes: 2 | 3,
  attrs: tf.NamedAttrMap,
): tf.Tensor {
  const ones = pad(tf.ones([1, ...x.shape.slice(1, -1), 1]));
  return tf.engine().runKernel(axes === 2 ? "AvgPool" : "AvgPool3D", { x: ones }, attrs) as tf.Tensor;
}

export const poolKernels = [
  padded("MaxPool", "max", 2),
  padded("MaxPoolGrad", "max", 2),
  padded("AvgPool", "average", 2),
  padded("AvgPoolGrad", "average", 2),
  padded("MaxPool3D", "max", 3),
  padded("MaxPool3DGrad", "max", 3),
  padded("AvgPool3D", "average", 3),
  padded("AvgPool3DGrad", "average", 3),
];
