import { z } from "zod";
import { type Conv3dOptions, conv3d, tf } from "../../engine";
import { component } from "../component";
import { uniformByFanIn } from "../initializers";
import { type Kernel, type KernelOptions, kernelOptions } from "../kernel";
import { type LayerKernel, type Plan, sizeOf } from "../plan";
import { amounts, sizes, type Triple, triple, type VideoShape, windowAxis } from "../shape";
import { repeatFirst, trim, validOutput } from "./valid";

/** The least share of saved products for which separate convolutions of few frames pay off. */
const WORTH_IT = 0.1;

/** A convolution over time whose input's first frame is repeated `past` times before it, as in causal padding. */
interface Repeated {
  readonly past: number;
  /** The number of input frames without the repeats. */
  readonly frames: number;
  /** The number of kernel taps. */
  readonly taps: number;
  readonly stride: number;
  readonly dilation: number;
}

/**
 * Returns the number of products of a frame and a tap that are saved by adding up the taps on the first frame beforehand: output t has
 * `past - t + 1` such taps. Returns 0 where the saving is too small.
 */
export function tapsSaved({ past, frames, taps, stride, dilation }: Repeated): number {
  const saved = (past * (past + 1)) / 2;
  const simple = stride === 1 && dilation === 1 && taps === past + 1 && frames >= taps;
  return simple && saved >= WORTH_IT * frames * taps ? saved : 0;
}

/**
 * Computes the valid convolution of an input whose first frame is repeated `past` times before it.
 *
 * @param x `[batch, frames, height, width, in]`
 * @param filters `[taps, kh, kw, in, out]`
 * @returns `[batch, past + frames - taps + 1, height', width', out]`, with the stride of the options
 */
export function convRepeated(
  x: tf.Tensor5D,
  filters: tf.Tensor5D,
  past: number,
  { strides = [1, 1, 1], dilations = [1, 1, 1] }: Conv3dOptions,
): tf.Tensor5D {
  const [taps] = filters.shape;
  const [batch, frames, ...image] = x.shape;
  const [stride, dilation] = [strides[0], dilations[0]];
  if (tapsSaved({ past, frames, taps, stride, dilation }) === 0)
    return conv3d(repeatFirst(x, past), filters, { strides, dilations });
  // Each slice is taken from the previous one, so that in the gradient only the longest has the length of x.
  let seen = x;
  const first: tf.Tensor5D[] = [];
  for (let t = past - 1; t >= 0; t--) {
    seen = tf.slice(seen, 0, [batch, t + 1, ...image]);
    first.unshift(conv3d(seen, foldTaps(filters, past - t + 1), { strides, dilations }));
  }
  return tf.concat([...first, conv3d(x, filters, { strides, dilations })], 1);
}

/** Returns the kernel with its first `count` taps summed into one. */
function foldTaps(filters: tf.Tensor5D, count: number): tf.Tensor5D {
  const [taps, ...kernel] = filters.shape;
  const sum = tf.sum<tf.Tensor5D>(tf.slice(filters, 0, [count, ...kernel]), 0, true);
  return count < taps ? tf.concat([sum, tf.slice(filters, count)], 0) : sum;
}

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
    const filters = (inChannels: number) => filtersOf(kernelSize, inChannels, outChannels, options);
    const plan = (input: VideoShape, past = 0): Plan => {
      const space = validOutput({ ...input, time: input.time + past }, kernelSize, stride, dilation, at);
      const { weights, deadTaps, fanIn, live, kernels } = filters(input.channels);
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
    return { kernelSize, stride, dilation, padding: triple(options.padding), bias, filters, plan };
  });
}

const map = ([time, height, width]: Triple, each: (value: number, axis: number) => number): Triple => [
  each(time, 0),
  each(height, 1),
  each(width, 2),
];

/** A convolution with known options, before its input shape is known. */
export interface PlannedConv {
  readonly kernelSize: Triple;
  readonly stride: Triple;
  readonly dilation: Triple;
  /** The padding, which the padding stage applies. */
  readonly padding: Triple;
  /** Whether each output channel has a bias. */
  readonly bias: boolean;
  /** Returns the filters for a number of input channels. */
  filters(inChannels: number): Filters;
  /** Plans the convolution. @param past the number of times to repeat the first frame before the input. Default 0 */
  plan(input: VideoShape, past?: number): Plan;
}
