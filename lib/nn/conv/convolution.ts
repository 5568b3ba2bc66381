import { z } from "zod";
import { conv3d, tf } from "../../engine";
import { component } from "../component";
import { uniformByFanIn } from "../initializers";
import { type Kernel, type KernelOptions, kernelOptions } from "../kernel";
import type { Plan } from "../plan";
import { type Triple, type VideoShape, windowAxis } from "../shape";
import { amounts, sizes, triple } from "../triple";
import type { PlannedConv } from "./planned";
import { trim, validOutput } from "./valid";

/** `padding` acts in the block's `pad` stage; the convolution itself is valid. */
const options = z.strictObject({
  kernel_size: sizes,
  stride: sizes.default(1),
  padding: amounts.default(0),
  dilation: sizes.default(1),
  bias: z.boolean().optional(),
  ...kernelOptions,
});

/** What is convolved with, `[kt, kh, kw, in, out]`, however it is made of weights. */
export interface Filters extends Pick<Kernel, "weights" | "deadTaps" | "live"> {
  /** Inputs of one output, for the bias' first values. */
  readonly fanIn: number;
}

/**
 * A convolution over time, height and width (correlation, no flip). `bias`: default as the block says.
 *
 * @param filtersOf what sets one kind of convolution apart from another
 */
export function convolution(
  filtersOf: (size: Triple, inChannels: number, outChannels: number, options: KernelOptions) => Filters,
) {
  return component(options, (options, at, outChannels: number, defaultBias: boolean): PlannedConv => {
    const kernelSize = triple(options.kernel_size);
    const stride = triple(options.stride);
    const dilation = triple(options.dilation);
    const bias = options.bias ?? defaultBias;
    const plan = (input: VideoShape): Plan => {
      const space = validOutput(input, kernelSize, stride, dilation, at);
      const { weights, deadTaps, fanIn, live } = filtersOf(kernelSize, input.channels, outChannels, options);
      // What only dead taps would see.
      const margin = deadTaps.map((taps, axis) => taps * dilation[axis]!);
      const liveInputs = kernelSize.reduce(
        (n, size, axis) => n * (size - 2 * deadTaps[axis]!),
        input.channels,
      );
      const biases = bias ? [{ name: "bias", shape: [outChannels], initial: uniformByFanIn(fanIn) }] : [];
      return {
        output: { ...space, channels: outChannels },
        weights: [...weights, ...biases],
        flops: 2 * liveInputs * outChannels * space.time * space.height * space.width,
        geometry: {
          y: windowAxis((kernelSize[1] - 1) * dilation[1] + 1, stride[1]),
          x: windowAxis((kernelSize[2] - 1) * dilation[2] + 1, stride[2]),
        },
        apply: (x, weights) => {
          const y = conv3d(trim(x, margin), live(weights), { strides: stride, dilations: dilation });
          return bias ? tf.add(y, weights("bias")) : y;
        },
      };
    };
    return { kernelSize, stride, dilation, padding: triple(options.padding), plan };
  });
}
