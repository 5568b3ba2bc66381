import { tf } from "../../engine";
import { below, type Place, problemAt, type Triple, type VideoShape } from "../../nn";

/** The part of a frame sequence that corresponds to a block's output: the last frames, and the centre in space. */
export interface Crop {
  readonly start: Triple;
  readonly size: Triple;
}

/**
 * Returns the part of `input` from which a shortcut with a stride yields the size of `output`.
 *
 * The crop of the strided shortcut (`start = difference // 2`, all of the difference in time) is applied before the shortcut instead of
 * after it: this gives the same values without computing the cropped ones.
 *
 * @throws ConfigError when the block's padding makes its output larger than its shortcut
 */
export function cropFor(input: VideoShape, output: VideoShape, stride: Triple, at: Place): Crop {
  const along = (axis: 0 | 1 | 2, length: number, wanted: number) => {
    const difference = Math.ceil(length / stride[axis]) - wanted;
    if (difference < 0)
      throw problemAt(
        below(at, "conv_params.padding"),
        `makes the block's output (${wanted}) larger than its input (${wanted + difference} after strides) along ` +
          `${["time", "height", "width"][axis]}; a block with a shortcut may not grow`,
      );
    const first = axis === 0 ? difference : Math.floor(difference / 2);
    return [first * stride[axis], (wanted - 1) * stride[axis] + 1] as const;
  };
  const [time, rows, columns] = [
    along(0, input.time, output.time),
    along(1, input.height, output.height),
    along(2, input.width, output.width),
  ];
  return { start: [time[0], rows[0], columns[0]], size: [time[1], rows[1], columns[1]] };
}

export function crop(x: tf.Tensor5D, { start, size }: Crop): tf.Tensor5D {
  const [batch, time, height, width, channels] = x.shape;
  if (size[0] === time && size[1] === height && size[2] === width) return x;
  return tf.slice(x, [0, ...start, 0], [batch, ...size, channels]);
}
