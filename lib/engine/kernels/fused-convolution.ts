import * as tf from "@tensorflow/tfjs-core";
import { kernel } from "./kernel";

/** Fused convolutions on top of the engine's convolution kernels. tfjs-node's own fused kernels bypass these and lack their features. */

interface Inputs {
  x: tf.Tensor4D;
  filter: tf.Tensor4D;
  bias?: tf.Tensor;
  preluActivationWeights?: tf.Tensor;
}

type Attributes = tf.FusedConv2DAttrs | tf.FusedDepthwiseConv2DAttrs;

const fused = (kernelName: string, convolution: string) =>
  kernel(
    kernelName,
    ({ x, filter, bias, preluActivationWeights }: Inputs, attributes: Attributes, backend): tf.Tensor => {
      const { activation, leakyreluAlpha } = attributes;
      const attrs = attributes as unknown as tf.NamedAttrMap;
      const y = tf.engine().runKernel(convolution, { x, filter }, attrs) as tf.Tensor;
      const perChannel = (values: tf.Tensor) =>
        attributes.dataFormat === "NCHW" && values.rank === 1 ? tf.reshape(values, [-1, 1, 1]) : values;
      const biased = bias ? tf.add(y, perChannel(bias)) : y;
      const slopes = preluActivationWeights && perChannel(preluActivationWeights);
      return backend.applyActivation(biased, activation, slopes, leakyreluAlpha);
    },
  );

export const fusedConvolutionKernels = [
  fused("FusedConv2D", "Conv2D"),
  fused("FusedDepthwiseConv2D", "DepthwiseConv2dNative"),
];
