import { tf } from "../../engine";
import type { Component } from "../component";
import { kernel } from "../kernel";
import { convolution, type PlannedConv } from "./convolution";

/** The rotated copies of the filters of a convolution. */
export interface Rotations {
  /** The number of rotations R, by multiples of 360° / R. */
  readonly count: number;
  /** Whether the input channels are features at each rotation, `[R, features]`, instead of those of an image. */
  readonly ofInput: boolean;
}

/**
 * Makes a convolution whose filters are copies of each other at R rotations over space, interpolated bilinearly between pixels (Ecker et al.
 * 2019, "A rotation-equivariant convolutional neural network model of primary visual cortex", with pixels in place of Hermite functions).
 * The output channels are `[R, features]`: those of rotation r see the input rotated by `r · 360° / R`, and in a hidden layer the features of
 * the layer before at rotations relative to r.
 */
export function rotatedConvolution({
  count,
  ofInput,
}: Rotations): Component<[outChannels: number, defaultBias: boolean], PlannedConv> {
  return convolution((size, inChannels, outChannels, options) => {
    const [taps, height, width] = size;
    const features = outChannels / count;
    const shape = [taps, height, width, inChannels, features] as const;
    const base = kernel(shape, options);
    const matrices = rotationMatrices(count, height, width);
    const live: typeof base.live = (weights) => {
      const pixels = height * width;
      const flat = tf.reshape(base.effective(weights), [taps, pixels, inChannels * features]);
      const turning = tf.tensor3d(matrices, [1, count * pixels, pixels]);
      const turned = tf.reshape(tf.matMul(turning, flat as tf.Tensor3D), [taps, count, ...shape.slice(1)]);
      const copies = tf.unstack(turned, 1) as tf.Tensor5D[];
      return tf.concat(ofInput ? copies.map((copy, r) => shifted(copy, count, r)) : copies, 4);
    };
    return {
      weights: base.weights,
      kernels: [{ name: "", shape, effective: base.effective }],
      deadTaps: [0, 0, 0],
      fanIn: taps * height * width * inChannels,
      live,
    };
  });
}

/** Moves the input features of rotation g to rotation `g + by`, for a filter that is rotated itself. */
function shifted(filters: tf.Tensor5D, count: number, by: number): tf.Tensor5D {
  if (by === 0) return filters;
  const groups = tf.split(filters, count, 3);
  return tf.concat([...groups.slice(count - by), ...groups.slice(0, count - by)], 3) as tf.Tensor5D;
}

/**
 * Returns the matrices that rotate an image about its centre by multiples of `360° / count`, `[count, pixels, pixels]` row by row. A pixel of
 * the result is interpolated between the four nearest pixels of the image; pixels outside of the image are 0.
 */
export function rotationMatrices(count: number, height: number, width: number): Float32Array {
  const pixels = height * width;
  const all = new Float32Array(count * pixels * pixels);
  const [y0, x0] = [(height - 1) / 2, (width - 1) / 2];
  for (let r = 0; r < count; r++) {
    const angle = (2 * Math.PI * r) / count;
    const [cos, sin] = [exact(Math.cos(angle)), exact(Math.sin(angle))];
    for (let p = 0; p < pixels; p++) {
      const [dy, dx] = [Math.floor(p / width) - y0, (p % width) - x0];
      const [y, x] = [y0 + cos * dy + sin * dx, x0 + cos * dx - sin * dy];
      for (const [row, share] of neighbours(y))
        for (const [column, part] of neighbours(x))
          if (row >= 0 && row < height && column >= 0 && column < width)
            all[(r * pixels + p) * pixels + row * width + column]! += share * part;
    }
  }
  return all;
}

/** Removes the rounding error of sines and cosines, so that multiples of 90° move pixels exactly. */
const exact = (value: number) => (Math.abs(value - Math.round(value)) < 1e-12 ? Math.round(value) : value);

/** Returns the two pixels beside a position, with their shares. */
function neighbours(position: number): [pixel: number, share: number][] {
  const first = Math.floor(position);
  const share = position - first;
  return share === 0
    ? [[first, 1]]
    : [
        [first, 1 - share],
        [first + 1, share],
      ];
}
