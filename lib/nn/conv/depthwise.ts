import { conv3d, tf } from "../../engine";
import { component } from "../component";
import { uniformByFanIn } from "../initializers";
import { kernel } from "../kernel";
import { type Plan, prefixed, scoped } from "../plan";
import { type VideoShape, windowAxis } from "../shape";
import { triple } from "../triple";
import type { PlannedConv } from "./planned";
import { standardOptions, trim, validOutput } from "./standard";

/**
 * A filter for each channel, then a 1×1×1 convolution across channels. Weight norm acts on both kernels (per channel, per
 * output filter), the window on the first.
 *
 * TensorFlow has no depthwise convolution over three axes. Nothing stands between the two parts, so they are one
 * convolution, whose kernel is their product: few weights, as many operations as a standard one.
 */
export const depthwise = component(
  standardOptions,
  (options, at, outChannels: number, defaultBias: boolean): PlannedConv => {
    const kernelSize = triple(options.kernel_size);
    const stride = triple(options.stride);
    const dilation = triple(options.dilation);
    const bias = options.bias ?? defaultBias;
    const plan = (input: VideoShape): Plan => {
      const { channels } = input;
      const space = validOutput(input, kernelSize, stride, dilation, at);
      const perChannel = kernel([...kernelSize, 1, channels], options);
      const across = kernel([1, 1, 1, channels, outChannels], { ...options, aa_signal: false });
      // What only dead taps would see.
      const margin = perChannel.deadTaps.map((taps, axis) => taps * dilation[axis]!);
      const liveTaps = kernelSize.map((size, axis) => size - 2 * perChannel.deadTaps[axis]!);
      const biases = bias ? [{ name: "bias", shape: [outChannels], initial: uniformByFanIn(channels) }] : [];
      return {
        output: { ...space, channels: outChannels },
        weights: [
          ...prefixed("depthwise", perChannel.weights),
          ...prefixed("pointwise", across.weights),
          ...biases,
        ],
        flops:
          2 *
          liveTaps.reduce((a, b) => a * b, 1) *
          channels *
          outChannels *
          space.time *
          space.height *
          space.width,
        geometry: {
          y: windowAxis((kernelSize[1] - 1) * dilation[1] + 1, stride[1]),
          x: windowAxis((kernelSize[2] - 1) * dilation[2] + 1, stride[2]),
        },
        apply: (x, weights) => {
          const filters = tf.reshape(perChannel.live(scoped(weights, "depthwise")), [
            ...liveTaps,
            channels,
            1,
          ]);
          const both = tf.mul<tf.Tensor5D>(filters, across.live(scoped(weights, "pointwise")));
          const y = conv3d(trim(x, margin), both, { strides: stride, dilations: dilation });
          return bias ? tf.add(y, weights("bias")) : y;
        },
      };
    };
    return { kernelSize, stride, dilation, padding: triple(options.padding), plan };
  },
);
