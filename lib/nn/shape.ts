import { z } from "zod";
import { tf } from "../engine";

/** The shape of one sample between two layers: frames of a feature map. Tensors are `[batch, time, height, width, channels]`. */
export interface VideoShape {
  readonly time: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** Lengths or amounts per axis in the order of the configuration: time, height, width. */
export type Triple = readonly [time: number, height: number, width: number];

/** A map between axes: position `i` of the output corresponds to position `scale * i + offset` (pixels) of the input. */
export interface AxisMap {
  readonly scale: number;
  readonly offset: number;
}

/** The positions of output pixels on the input. */
export interface Geometry {
  readonly y: AxisMap;
  readonly x: AxisMap;
}

const SAME_AXIS: AxisMap = { scale: 1, offset: 0 };
/** The identity: output pixels lie on the same input pixels. */
export const SAME_PLACE: Geometry = { y: SAME_AXIS, x: SAME_AXIS };

/** Returns the map of windows of `size` at intervals of `stride`; the first window begins `padding` before the axis. */
export function windowAxis(size: number, stride: number, padding = 0): AxisMap {
  return { scale: stride, offset: (size - 1) / 2 - padding };
}

/** Maps points of the output, (y, x) `[N, 2]`, to the input. */
export const locatedBy = ({ y, x }: Geometry, points: tf.Tensor2D) =>
  tf.add<tf.Tensor2D>(tf.mul(points, [y.scale, x.scale]), [y.offset, x.offset]);

/** Composes two geometries: first `inner` (nearer to the stimulus), then `outer`. */
export function composeGeometry(inner: Geometry, outer: Geometry): Geometry {
  const axis = (a: AxisMap, b: AxisMap) => ({
    scale: a.scale * b.scale,
    offset: a.scale * b.offset + a.offset,
  });
  return { y: axis(inner.y, outer.y), x: axis(inner.x, outer.x) };
}

const size = z.int().positive();
const amount = z.int().nonnegative();

/** The schema of sizes: a number for all three axes, or `[time, height, width]`. */
export const sizes = z.union([size, z.tuple([size, size, size])], {
  error: "expected a positive whole number or [time, height, width]",
});

/** Like `sizes`, but allows 0 and two entries, which are `[height, width]`. */
export const amounts = z.union([amount, z.tuple([amount, amount]), z.tuple([amount, amount, amount])], {
  error: "expected a whole number, [height, width] or [time, height, width]",
});

/** Expands a number to all axes, and two entries to height and width with 0 for time. */
export function triple(value: number | readonly number[]): Triple {
  if (typeof value === "number") return [value, value, value];
  if (value.length === 2) return [0, value[0]!, value[1]!];
  return [value[0]!, value[1]!, value[2]!];
}

/** Reshapes frames to separate images: `[B, T, H, W, C]` → `[B T, H, W, C]`. Nothing is copied. */
export function asFrames(x_BTHWC: tf.Tensor5D): tf.Tensor4D {
  const [batch, time, ...image] = x_BTHWC.shape;
  return tf.reshape(x_BTHWC, [batch * time, ...image]);
}

/** Restores the shape from before `asFrames`. */
export function asVideo(frames: tf.Tensor4D, batch: number): tf.Tensor5D {
  const [all, ...image] = frames.shape;
  return tf.reshape(frames, [batch, all / batch, ...image]);
}
