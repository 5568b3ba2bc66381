import { below, type Place, problemAt } from "../../base/config";
import { tf } from "../../engine";
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
      `spans ${reach} ${word}, but only ${length} reach it; make it smaller, pad, or give more to the model`,
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
