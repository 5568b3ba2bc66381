import * as tf from "@tensorflow/tfjs-core";
import { BACKEND } from "./kernel";
import { geometry, type WindowAttributes } from "./window-geometry";

/**
 * Pooling with numeric padding, which tfjs-node's kernels do not support: they get the padded input instead. As in tfjs, padding is never
 * a maximum and does not count in a mean; the mean of a window of only padding is 0.
 */

type Pooling = "max" | "average";
interface PoolAttributes extends WindowAttributes {
  filterSize: number | number[];
}

/** Extends a pooling kernel by numeric padding. @param kernel a kernel, or the name of a tfjs-node kernel */
function padded(kernel: string | tf.KernelConfig, pooling: Pooling, axes: 2 | 3): tf.KernelConfig {
  const { kernelFunc, ...own } = typeof kernel === "string" ? tf.getKernel(kernel, BACKEND) : kernel;
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

/** Returns the share of each window that is not padding. */
function counted(
  x: tf.Tensor,
  pad: (x: tf.Tensor) => tf.Tensor,
  axes: 2 | 3,
  attrs: tf.NamedAttrMap,
): tf.Tensor {
  const ones = pad(tf.ones([1, ...x.shape.slice(1, -1), 1]));
  return tf.engine().runKernel(axes === 2 ? "AvgPool" : "AvgPool3D", { x: ones }, attrs) as tf.Tensor;
}

const run = (kernelName: string, inputs: Record<string, tf.Tensor>, attrs: object) =>
  tf.engine().runKernel(kernelName, inputs, attrs as tf.NamedAttrMap) as tf.Tensor4D;

/**
 * The gradient of 3-D max pooling. TensorFlow's own kernel gives the whole gradient to every value of a window that equals the maximum:
 * in a blank image all values do, and the gradient is too large by their number. Its 2-D kernel gives the gradient to the first maximum,
 * as PyTorch does. Therefore this kernel pools over space and then over time, both with the 2-D kernel: the maximum of a box is the
 * maximum of its frames' maxima.
 */
const maxPool3dGrad: tf.KernelConfig = {
  kernelName: "MaxPool3DGrad",
  backendName: BACKEND,
  kernelFunc: ({ inputs, attrs }) => {
    const { dy, input } = inputs as Record<"dy" | "input", tf.Tensor5D>;
    const { filterSize, strides, pad } = attrs as unknown as PoolAttributes;
    const each = (given: number | number[]) => (Array.isArray(given) ? given : [given, given, given]);
    const [taps, by] = [each(filterSize), each(strides)] as [number[], number[]];
    return tf.tidy(() => {
      const [batch, time, height, width, channels] = input.shape;
      const overSpace = { filterSize: taps.slice(1), strides: by.slice(1), pad };
      const frames = tf.reshape(input, [batch * time, height, width, channels]);
      const largest = run("MaxPool", { x: frames }, overSpace);
      const lines = (x: tf.Tensor, length: number) => tf.reshape(x, [batch, length, -1, channels]);
      const [x, theirs] = [lines(largest, time), lines(dy, dy.shape[1])];
      const overTime = { filterSize: [taps[0], 1], strides: [by[0], 1], pad };
      const output = run("MaxPool", { x }, overTime);
      const ofLargest = run("MaxPoolGrad", { dy: theirs, input: x, output }, overTime);
      const own = { dy: tf.reshape(ofLargest, largest.shape), input: frames, output: largest };
      return tf.reshape(run("MaxPoolGrad", own, overSpace), input.shape);
    });
  },
};

/** The kernels of poolings and of their gradients. */
export const poolKernels = [
  padded("MaxPool", "max", 2),
  padded("MaxPoolGrad", "max", 2),
  padded("AvgPool", "average", 2),
  padded("AvgPoolGrad", "average", 2),
  padded("MaxPool3D", "max", 3),
  padded(maxPool3dGrad, "max", 3),
  padded("AvgPool3D", "average", 3),
  padded("AvgPool3DGrad", "average", 3),
];
