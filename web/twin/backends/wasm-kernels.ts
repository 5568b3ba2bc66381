import * as tf from "@tensorflow/tfjs-core";

/** Kernels of gradients that tfjs's WASM backend lacks, composed of its other ones. */

interface ConvolutionAttributes {
  readonly strides: number | [number, number];
  readonly pad: "valid" | "same" | number;
}

/** The gradient of `gather`. */
const unsortedSegmentSum = kernel(
  tf.UnsortedSegmentSum,
  ({ x, segmentIds }, { numSegments }: { numSegments: number }) =>
    tf.scatterND(tf.expandDims(segmentIds!, 1), x!, [numSegments, ...x!.shape.slice(1)]),
);

/** The gradient of `conv2d` with respect to the filter, as that of `conv3d` for videos of one frame. */
const conv2dFilter = kernel(
  tf.Conv2DBackpropFilter,
  ({ x, dy }, { strides, pad, filterShape }: ConvolutionAttributes & { filterShape: readonly number[] }) => {
    const [down, right] = typeof strides === "number" ? [strides, strides] : strides;
    const gradient = tf
      .engine()
      .runKernel(
        tf.Conv3DBackpropFilterV2,
        { x: tf.expandDims(x!, 1), dy: tf.expandDims(dy!, 1) },
        { strides: [1, down, right], pad, filterShape: [1, ...filterShape] },
      ) as tf.Tensor;
    return tf.reshape(gradient, [...filterShape]);
  },
);

/** The gradient of `depthwiseConv2d` with respect to the input, for one filter per channel and stride 1. */
const depthwiseInput = kernel(
  tf.DepthwiseConv2dNativeBackpropInput,
  ({ dy, filter }, { strides, pad }: ConvolutionAttributes) => {
    const [rows, columns, , multiplier] = filter!.shape as [number, number, number, number];
    const isSimple = [strides].flat().every((stride) => stride === 1) && multiplier === 1 && pad === "same";
    if (!isSimple || rows % 2 === 0 || columns % 2 === 0)
      throw new Error(
        "In WebAssembly, only depthwise convolutions with stride 1 and odd filters have a gradient.",
      );
    return tf.depthwiseConv2d(dy as tf.Tensor4D, tf.reverse(filter as tf.Tensor4D, [0, 1]), 1, "same");
  },
);

function kernel<A>(
  kernelName: string,
  compute: (inputs: Readonly<Record<string, tf.Tensor>>, attributes: A) => tf.Tensor,
): tf.KernelConfig {
  return {
    kernelName,
    backendName: "wasm",
    kernelFunc: ({ inputs, attrs }) => compute(inputs as Record<string, tf.Tensor>, attrs as unknown as A),
  };
}

/** Registers the kernels. */
export function registerWasmKernels(): void {
  for (const one of [unsortedSegmentSum, conv2dFilter, depthwiseInput]) tf.registerKernel(one);
}
