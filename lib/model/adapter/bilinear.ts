import { tf } from "../../engine";

/**
 * Returns bilinear interpolation along an axis as matrices, with zeros outside: row p of `[B, P, size]` reads position p.
 *
 * The gradient at an integer position is the one towards the next pixel, as in grid sampling, and not 0. Otherwise frames that are
 * initially sampled at their own pixels could never move.
 *
 * @param position_BP in pixels, 0 the first
 */
export function interpolation(position_BP: tf.Tensor2D, size: number): tf.Tensor3D {
  const below = tf.floor(position_BP);
  const share = tf.expandDims(tf.sub(position_BP, below), 2);
  const pixel = tf.range(0, size);
  const at = (place: tf.Tensor) => tf.cast(tf.equal(tf.expandDims(place, 2), pixel), "float32");
  return tf.add(tf.mul(at(below), tf.sub(1, share)), tf.mul(at(tf.add(below, 1)), share));
}

/**
 * Applies a matrix to the rows of every frame and another to its columns.
 *
 * @param rows `[B, h, H]`
 * @param columns `[B, w, W]`
 * @returns `[B, h, T, C, w]`
 */
export function alongBoth(x_BTHWC: tf.Tensor5D, rows: tf.Tensor3D, columns: tf.Tensor3D): tf.Tensor5D {
  const [batch, time, height, width, channels] = x_BTHWC.shape;
  const [h, w] = [rows.shape[1], columns.shape[1]];
  const byRow = tf.reshape(tf.transpose(x_BTHWC, [0, 2, 1, 4, 3]), [batch, height, time * channels * width]);
  const across = tf.reshape(tf.matMul(rows, byRow), [batch, h * time * channels, width]);
  return tf.reshape(tf.matMul(across, columns, false, true), [batch, h, time, channels, w]);
}

/**
 * Samples every frame at P positions of its sample, with bilinear interpolation and zeros outside.
 *
 * @param y_BP row, in pixels, 0 the first
 * @param x_BP column
 * @returns `[B, P, F]`
 */
export function sampleAt(image_BHWF: tf.Tensor4D, y_BP: tf.Tensor2D, x_BP: tf.Tensor2D): tf.Tensor3D {
  const [batch, height, width, features] = image_BHWF.shape;
  const places = y_BP.shape[1];
  const pixels = tf.reshape(image_BHWF, [batch * height * width, features]) as tf.Tensor2D;
  const first = tf.mul(tf.range(0, batch), height * width).reshape([batch, 1]);
  const [top, left] = [tf.floor(y_BP), tf.floor(x_BP)];
  const corners = [0, 1].flatMap((down) =>
    [0, 1].map((right) => {
      const [row, column] = [tf.add(top, down), tf.add(left, right)];
      const share = tf.mul(tf.sub(1, tf.abs(tf.sub(y_BP, row))), tf.sub(1, tf.abs(tf.sub(x_BP, column))));
      const [inRow, inColumn] = [inside(row, height), inside(column, width)];
      const pixel = tf.add(tf.mul(inRow.nearest, width), inColumn.nearest);
      const seen = pick(pixels, tf.reshape(tf.add(pixel, first), [batch * places]) as tf.Tensor1D);
      const weight = tf.mul(share, tf.mul(inRow.is, inColumn.is));
      return tf.mul(tf.reshape(seen, [batch, places, features]), tf.expandDims(weight, 2));
    }),
  );
  return tf.addN(corners) as tf.Tensor3D;
}

function inside(place: tf.Tensor, size: number) {
  const nearest = tf.clipByValue(place, 0, size - 1);
  return { nearest, is: tf.cast(tf.equal(place, nearest), "float32") };
}

/** Returns rows of a table at float row numbers; tfjs's `gather` cannot be differentiated when the row numbers depend on weights. */
function pick(table: tf.Tensor2D, row: tf.Tensor1D): tf.Tensor2D {
  const rows = table.shape[0];
  const index = (at: tf.Tensor) => tf.cast(at, "int32") as tf.Tensor1D;
  const gathered = tf.customGrad((...args: unknown[]) => {
    const [x, at, save] = args as [tf.Tensor2D, tf.Tensor1D, tf.GradSaveFunc];
    save([at]);
    return {
      value: tf.gather(x, index(at)),
      gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) => [
        tf.unsortedSegmentSum(dy, index(saved!), rows),
        tf.zerosLike(saved!),
      ],
    };
  });
  return gathered(table, row) as tf.Tensor2D;
}
