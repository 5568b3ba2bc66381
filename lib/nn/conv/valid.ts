import { below, type Place, problemAt } from "../../base/config";
import { tf } from "../../engine";
import { perFrame } from "../newest";
import { identityPlan, type Plan, plainPlan } from "../plan";
import type { Triple, VideoShape } from "../shape";

/**
 * Returns the output shape of a valid convolution or pooling.
 *
 * @throws ConfigError when the window is larger than its input
 */
export function validOutput(input: VideoShape, size: Triple, stride: Triple, dilation: Triple, at: Place) {
  const along = (axis: 0 | 1 | 2, length: number, word: string) => {
    const reach = (size[axis] - 1) * dilation[axis] + 1;
    if (reach <= length) return Math.floor((length - reach) / stride[axis]) + 1;
    throw problemAt(
      below(at, "kernel_size"),
      `spans ${reach} ${word}, but its input has only ${length}; make it smaller, pad, or give the model more`,
    );
  };
  return {
    time: along(0, input.time, "frames"),
    height: along(1, input.height, "rows"),
    width: along(2, input.width, "columns"),
  };
}

/** Removes frames, rows and columns at the beginning and at the end of each axis (default: the same number at both). */
export function trim(x: tf.Tensor5D, before: Triple, after = before): tf.Tensor5D {
  if ([...before, ...after].every((by) => by === 0)) return x;
  const [batch, ...sizes] = x.shape;
  const kept = before.map((by, axis) => sizes[axis]! - by - after[axis]!);
  return tf.slice(x, [0, ...before, 0], [batch, ...kept, sizes[3]!]);
}

/** The frames and pixels to add before and after each axis. */
export interface Padding {
  readonly time: readonly [number, number];
  readonly rows: readonly [number, number];
  readonly columns: readonly [number, number];
}

/** Plans padding that repeats the values at the edge. */
export function planPad({ time, rows, columns }: Padding, input: VideoShape): Plan {
  const sides = [time, rows, columns];
  if (sides.flat().every((by) => by === 0)) return identityPlan(input);
  const output = {
    time: input.time + time[0] + time[1],
    height: input.height + rows[0] + rows[1],
    width: input.width + columns[0] + columns[1],
    channels: input.channels,
  };
  const geometry = { y: { scale: 1, offset: -rows[0] }, x: { scale: 1, offset: -columns[0] } };
  const apply = (x: tf.Tensor5D) => sides.reduce((y, by, i) => replicate(y, i + 1, by), x);
  const plan = plainPlan(output, apply, geometry);
  return time.some((by) => by > 0) ? plan : perFrame(plan);
}

/** Repeats the first frame `past` times before the video. */
export const repeatFirst = (x_BTHWC: tf.Tensor5D, past: number) => replicate(x_BTHWC, 1, [past, 0]);

function replicate(x: tf.Tensor5D, axis: number, [before, after]: readonly [number, number]): tf.Tensor5D {
  if (before + after === 0) return x;
  const size = x.shape.with(axis, 1);
  const edge = (at: number) => tf.slice(x, [0, 0, 0, 0, 0].with(axis, at), size);
  const first = before > 0 ? edge(0) : undefined;
  const last = after > 0 ? edge(x.shape[axis]! - 1) : undefined;
  return tf.concat([...Array(before).fill(first), x, ...Array(after).fill(last)], axis);
}
