import { z } from "zod";
import { tf } from "../../engine";
import { component } from "../component";
import { uniformByFanIn } from "../initializers";
import { type Kernel, type KernelOptions, kernelOptions } from "../kernel";
import { type LayerKernel, type Plan, sizeOf } from "../plan";
import { type Triple, type VideoShape, windowAxis } from "../shape";
import { amounts, sizes, triple } from "../triple";
import type { PlannedConv } from "./planned";
import { convRepeated, tapsSaved } from "./repeated";
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

/** The filters of a convolution, `[kt, kh, kw, in, out]`, as computed from its weights. */
export interface Filters extends Pick<Kernel, "weights" | "deadTaps" | "live"> {
  /** The kernels that the filters are computed from. */
  readonly kernels: readonly LayerKernel[];
  /** The number of inputs of one output, for the initial values of the bias. */
  readonly fanIn: number;
}

/**
 * Makes a convolution over time, height and width (correlation, no flip). The block determines the default of `bias`.
 *
 * @param filtersOf returns the filters, which differ between the kinds of convolution
 */
export function convolution(
  filtersOf: (size: Triple, inChannels: number, outChannels: number, options: KernelOptions) => Filters,
) {
  return component(options, (options, at, outChannels: number, defaultBias: boolean): PlannedConv => {
    const kernelSize = triple(options.kernel_size);
    const stride = triple(options.stride);
    const dilation = triple(options.dilation);
    const bias = options.bias ?? defaultBias;
    const plan = (input: VideoShape, past = 0): Plan => {
      const space = validOutput({ ...input, time: input.time + past }, kernelSize, stride, dilation, at);
      const { weights, deadTaps, fanIn, live, kernels } = filtersOf(
        kernelSize,
        input.channels,
        outChannels,
        options,
      );
      const [taps, rows, columns] = map(kernelSize, (size, axis) => size - 2 * deadTaps[axis]!);
      // Removes input that only dead taps read; in the past, the repeated frames first.
      const [unseen, ...margin] = map(deadTaps, (dead, axis) => dead * dilation[axis]!);
      const before: Triple = [Math.max(0, unseen - past), ...margin];
      const after: Triple = [unseen, ...margin];
      const repeats = Math.max(0, past - unseen);
      const along = { past: repeats, frames: input.time - before[0] - unseen, taps };
      const saved = tapsSaved({ ...along, stride: stride[0], dilation: dilation[0] });
      // The number of outputs that read the first frame, or of all when it is repeated.
      const copied = saved || (repeats > 0 ? repeats + along.frames : 0);
      const filterSize = rows * columns * input.channels * outChannels;
      const biases = bias ? [{ name: "bias", shape: [outChannels], initial: uniformByFanIn(fanIn) }] : [];
      const output = { ...space, channels: outChannels };
      return {
        output,
        weights: [...weights, ...biases],
        kernels,
        flops: 2 * (space.time * taps - saved) * filterSize * space.height * space.width,
        kept: sizeOf(output) + sizeOf({ ...input, time: copied }),
        geometry: {
          y: windowAxis((kernelSize[1] - 1) * dilation[1] + 1, stride[1]),
          x: windowAxis((kernelSize[2] - 1) * dilation[2] + 1, stride[2]),
        },
        apply: (x, weights) => {
          const seen = trim(x, before, after);
          const y = convRepeated(seen, live(weights), repeats, { strides: stride, dilations: dilation });
          return bias ? tf.add(y, weights("bias")) : y;
        },
        newest: (frames) => {
          // The first frame that the first of these outputs reads, counting padded frames.
          const first = (space.time - frames) * stride[0];
          const needs = input.time - Math.max(0, first - past);
          return { plan: plan({ ...input, time: needs }, Math.max(0, past - first)), needs };
        },
      };
    };
    return { kernelSize, stride, dilation, padding: triple(options.padding), plan };
  });
}

const map = ([time, height, width]: Triple, each: (value: number, axis: number) => number): Triple => [
  each(time, 0),
  each(height, 1),
  each(width, 2),
];
