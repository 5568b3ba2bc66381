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
};
