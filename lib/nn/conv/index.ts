import { tf } from "../../engine";
import type { Component } from "../component";
import { kernel } from "../kernel";
import { prefixed, prefixedKernels, scoped } from "../plan";
import { convolution, type PlannedConv } from "./convolution";

/**
 * Applies one filter per channel, then a 1×1×1 convolution across channels. Weight norm acts on both kernels (per channel, per
 * output filter), the window on the first.
 *
 * TensorFlow has no depthwise convolution over three axes. Both parts are linear, so they are computed as one convolution with the
 * product of the two kernels: it has few weights, but as many operations as a standard convolution.
 */
export const depthwise = convolution((size, inChannels, outChannels, options) => {
  const shape = [...size, 1, inChannels] as const;
  const perChannel = kernel(shape, options);
  const across = kernel([1, 1, 1, inChannels, outChannels], { ...options, aa_signal: false });
  return {
    weights: [...prefixed("depthwise", perChannel.weights), ...prefixed("pointwise", across.weights)],
    kernels: prefixedKernels("depthwise", [{ name: "", shape, effective: perChannel.effective }]),
    deadTaps: perChannel.deadTaps,
    fanIn: inChannels,
    live: (weights) => {
      const each = perChannel.live(scoped(weights, "depthwise"));
      const filters = tf.reshape(each, [...each.shape.slice(0, 3), inChannels, 1]);
      return tf.mul<tf.Tensor5D>(filters, across.live(scoped(weights, "pointwise")));
    },
  };
});

/**
 * Applies a 1×1×1 convolution to the output channels, one filter per channel, and another 1×1×1 convolution (the depth-separable layers of
 * Lurz et al. 2021), without nonlinearities between them. Weight norm acts on each of the three kernels, the window on the second. The three
 * parts are computed as one convolution with the product of their kernels, as in `depthwise`.
 */
export const depthSeparable = convolution((size, inChannels, outChannels, options) => {
  const plain = { ...options, aa_signal: false };
  const shape = [...size, 1, outChannels] as const;
  const first = kernel([1, 1, 1, inChannels, outChannels], plain);
  const perChannel = kernel(shape, options);
  const last = kernel([1, 1, 1, outChannels, outChannels], plain);
  return {
    weights: [
      ...prefixed("in_depth", first.weights),
      ...prefixed("spatial", perChannel.weights),
      ...prefixed("out_depth", last.weights),
    ],
    kernels: prefixedKernels("spatial", [{ name: "", shape, effective: perChannel.effective }]),
    deadTaps: perChannel.deadTaps,
    fanIn: outChannels,
    live: (weights) => {
      const each = perChannel.live(scoped(weights, "spatial"));
      const seen = tf.mul(first.live(scoped(weights, "in_depth")), each);
      const across = tf.reshape(last.live(scoped(weights, "out_depth")), [outChannels, outChannels]);
      const filters = tf.matMul(tf.reshape(seen, [-1, outChannels]) as tf.Tensor2D, across as tf.Tensor2D);
      const [t, h, w] = each.shape;
      return tf.reshape(filters, [t, h, w, inChannels, outChannels]);
    },
  };
});

/** The standard convolution: each filter has a kernel over time, height, width and all channels. */
export const standard = convolution(([t, h, w], inChannels, outChannels, options) => {
  const shape = [t, h, w, inChannels, outChannels] as const;
  const made = kernel(shape, options);
  const { effective } = made;
  return { ...made, kernels: [{ name: "", shape, effective }], fanIn: t * h * w * inChannels };
});

/** `conv_params.type` → convolution. */
export const convs: Record<string, Component<[outChannels: number, defaultBias: boolean], PlannedConv>> = {
  standard,
  depthwise,
  depth_separable: depthSeparable,
};
