import { z } from "zod";
import { tf } from "../../engine";
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
      const biases = bias ? [{ name: "bias", shape: [outChannels], initial: uniformByFanIn(taps) }] : [];
      return {
        output: { ...space, channels: outChannels },
        weights: [...made.weights, ...biases],
        flops: 2 * taps * outChannels * space.time * space.height * space.width,
        geometry: {
          y: windowAxis((kernelSize[1] - 1) * dilation[1] + 1, stride[1]),
          x: windowAxis((kernelSize[2] - 1) * dilation[2] + 1, stride[2]),
        },
        apply: (x, weights) => {
          const y = tf.conv3d(x, dilate(made.effective(weights), dilation), [...stride], "valid");
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

/** Zeros between the taps: TensorFlow's own 3-D convolution has no dilation on a CPU. */
export function dilate(kernel: tf.Tensor5D, dilation: Triple): tf.Tensor5D {
  return dilation.reduce((k: tf.Tensor5D, by, axis) => {
    const taps = k.shape[axis]!;
    if (by === 1 || taps === 1) return k;
    const before = k.shape.slice(0, axis).reduce((a, b) => a * b, 1);
    const after = k.shape.slice(axis + 1).reduce((a, b) => a * b, 1);
    const spread = tf.pad(tf.reshape(k, [before, taps, after]), [[0, 0], [0, 0], [0, (by - 1) * after]]); // biome-ignore format: pairs
    const length = (taps - 1) * by + 1;
    const cut = tf.slice(tf.reshape(spread, [before, taps * by, after]), [0, 0, 0], [before, length, after]);
    return tf.reshape(cut, k.shape.with(axis, length) as typeof k.shape);
  }, kernel);
}
