import { z } from "zod";
import { product } from "../../base/arrays/shape";
import { tf } from "../../engine";
import { component } from "../component";
import { plainPlan } from "../plan";
import { type AxisMap, sizes, triple, type VideoShape } from "../shape";
import type { PlannedPool } from "./planned";

type Reduce = (x: tf.Tensor, axis: number) => tf.Tensor;

/** Makes a pooling to `kernel_size` frames, rows and columns for any input size. */
function pooling(reduce: Reduce) {
  return component(z.strictObject({ kernel_size: sizes }), ({ kernel_size }, _at, input: VideoShape) => {
    const [time, height, width] = triple(kernel_size);
    const axis = (length: number, parts: number): AxisMap => ({
      scale: length / parts,
      offset: (length / parts - 1) / 2,
    });
    const apply = (x: tf.Tensor5D) =>
      [width, height, time].reduce<tf.Tensor>((y, parts, i) => poolAxis(y, 3 - i, parts, reduce), x);
    const plan = plainPlan(
      { time, height, width, channels: input.channels },
      (x) => apply(x) as tf.Tensor5D,
      {
        y: axis(input.height, height),
        x: axis(input.width, width),
      },
    );
    const pool: PlannedPool = { plan, stride: [1, 1, 1] };
    return pool;
  });
}

/**
 * Part i of n reduces `floor(i L / n)` to `ceil((i + 1) L / n)`; windows of an uneven split overlap. Axes are reduced one after another,
 * because the maximum or mean over a box can be computed from its lines.
 */
function poolAxis(x: tf.Tensor, axis: number, parts: number, reduce: Reduce): tf.Tensor {
  const length = x.shape[axis]!;
  if (parts === length) return x;
  if (length % parts === 0) {
    const split = [...x.shape.slice(0, axis), parts, length / parts, ...x.shape.slice(axis + 1)];
    return reduce(tf.reshape(x, split), axis + 1);
  }
  const windows = Array.from({ length: parts }, (_, i) => {
    const start = Math.floor((i * length) / parts);
    const end = Math.ceil(((i + 1) * length) / parts);
    const window = tf.slice(
      x,
      x.shape.map((_, a) => (a === axis ? start : 0)),
      x.shape.with(axis, end - start),
    );
    return reduce(window, axis);
  });
  return tf.stack(windows, axis);
}

/** Takes the largest value of each part. If several values are the largest, the first one gets the gradient. */
export const adaptivemax = pooling(firstLargest);

/** Returns the largest value along an axis. `tf.max` would give each of several largest values the whole gradient. */
function firstLargest(x: tf.Tensor, axis: number): tf.Tensor {
  const [before, after] = [x.shape.slice(0, axis), x.shape.slice(axis + 1)];
  const length = x.shape[axis]!;
  const lines = tf.reshape(x, [product(before), length, 1, product(after)]) as tf.Tensor4D;
  return tf.reshape(tf.maxPool(lines, [length, 1], 1, "valid"), [...before, ...after]);
}

/** Takes the mean of each part. */
export const adaptiveavg = pooling((x, axis) => tf.mean(x, axis));
