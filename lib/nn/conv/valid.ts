import { tf } from "../../engine";
import { below, type Place, problemAt } from "../place";
import type { Triple, VideoShape } from "../shape";

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
