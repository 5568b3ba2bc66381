import { z } from "zod";
import { conv3d, tf } from "../../engine";
import { component } from "../component";
import { uniformByFanIn } from "../initializers";
import { kernel, kernelOptions } from "../kernel";
import { below, type Place, problemAt } from "../place";
import type { Plan } from "../plan";
import { type Triple, type VideoShape, windowAxis } from "../shape";
import { amounts, sizes, triple } from "../triple";
import type { PlannedConv } from "./planned";

/** `padding` acts in the block's `pad` stage; the convolution itself is valid. */
export const standardOptions = z.strictObject({
  kernel_size: sizes,
  stride: sizes.default(1),
  padding: amounts.default(0),
  dilation: sizes.default(1),
  bias: z.boolean().optional(),
  ...kernelOptions,
});

/** Convolution over time, height and width (correlation, no flip). `bias`: default as the block says. */
export const standard = component(
  standardOptions,
  (options, at, outChannels: number, defaultBias: boolean): PlannedConv => {
    const kernelSize = triple(options.kernel_size);
    const stride = triple(options.stride);
    const dilation = triple(options.dilation);
    const bias = options.bias ?? defaultBias;
    const plan = (input: VideoShape): Plan => {
      const shape = [...kernelSize, input.channels, outChannels] as const;
      const space = validOutput(input, kernelSize, stride, dilation, at);
      const taps = kernelSize[0] * kernelSize[1] * kernelSize[2] * input.channels;
      const made = kernel(shape, options);
      // What only dead taps would see.
      const margin = made.deadTaps.map((taps, axis) => taps * dilation[axis]!);
      const liveTaps = kernelSize.reduce(
        (n, size, axis) => n * (size - 2 * made.deadTaps[axis]!),
        input.channels,
      );
      const biases = bias ? [{ name: "bias", shape: [outChannels], initial: uniformByFanIn(taps) }] : [];
      return {
        output: { ...space, channels: outChannels },
        weights: [...made.weights, ...biases],
        flops: 2 * liveTaps * outChannels * space.time * space.height * space.width,
        geometry: {
          y: windowAxis((kernelSize[1] - 1) * dilation[1] + 1, stride[1]),
          x: windowAxis((kernelSize[2] - 1) * dilation[2] + 1, stride[2]),
        },
        apply: (x, weights) => {
          const seen = trim(x, margin);
          const y = conv3d(seen, made.live(weights), { strides: stride, dilations: dilation });
          return bias ? tf.add(y, weights("bias")) : y;
        },
      };
    };
    return { kernelSize, stride, dilation, padding: triple(options.padding), plan };
  },
);

/**
 * What a valid convolution or pooling leaves.
 *
 * @throws ConfigError when the window is larger than what reaches it
 */
export function validOutput(input: VideoShape, size: Triple, stride: Triple, dilation: Triple, at: Place) {
  const along = (axis: 0 | 1 | 2, length: number, word: string) => {
    const reach = (size[axis] - 1) * dilation[axis] + 1;
    if (reach <= length) return Math.floor((length - reach) / stride[axis]) + 1;
    throw problemAt(
      below(at, "kernel_size"),
      `spans ${reach} ${word}, but only ${length} reach it; make it smaller, pad, or give more to the model`,
    );
  };
  return {
    time: along(0, input.time, "frames"),
    height: along(1, input.height, "rows"),
    width: along(2, input.width, "columns"),
  };
}

/** The frames and pixels that lie at least `margin` from each end of time, height and width. */
export function trim(x: tf.Tensor5D, margin: readonly number[]): tf.Tensor5D {
  if (margin.every((by) => by === 0)) return x;
  const [batch, ...sizes] = x.shape;
  const kept = margin.map((by, axis) => sizes[axis]! - 2 * by);
  return tf.slice(x, [0, ...margin, 0], [batch, ...kept, sizes[3]!]);
}
