import * as tf from "@tensorflow/tfjs-core";
import * as raw from "./raw-ops";

/**
 * Products of rows with one matrix for each group of consecutive rows, such as the samples of one session with the weights of that
 * session's units. The number of rows of a group is a value, so that one compiled function serves every composition of a batch; the work
 * follows the rows and columns that each group has.
 */

/**
 * Computes `x W_g` for the rows of each group g.
 *
 * @param x `[rows, K]`
 * @param weights a matrix `[K, U_g]` for each group
 * @param sizes the number of rows of each group, int32 `[groups]`, of sum `rows`
 * @returns `[rows, U]`, where U is the largest U_g; 0 in the columns from U_g on
 */
export function groupedMatMul(
  x: tf.Tensor2D,
  weights: readonly tf.Tensor2D[],
  sizes: tf.Tensor1D,
): tf.Tensor2D {
  const rows = x.shape[0];
  const columns = weights.map((w) => w.shape[1]);
  const most = Math.max(...columns);
  const product = tf.customGrad((...args: unknown[]) => {
    const save = args.at(-1) as tf.GradSaveFunc;
    const [given, ...own] = args.slice(0, -1) as tf.Tensor2D[];
    save([sizes, given!, ...own]);
    const value = raw.withUnknownSizes(() => {
      const parts = raw.splitRows(given!, sizes, own.length);
      const products = parts.map((part, g) => widened(raw.matMul(part, own[g]!), [0, most - columns[g]!]));
      return raw.reshape(raw.joinRows(products), [rows, most]);
    });
    const gradFunc = (dy: tf.Tensor, [groups, x, ...ws]: tf.Tensor[]) =>
      raw.withUnknownSizes(() => {
        const parts = raw.splitRows(x!, groups!, ws.length);
        const gradients = raw
          .splitRows(dy, groups!, ws.length)
          .map((part, g) => (columns[g]! < most ? raw.firstOf(part, [-1, columns[g]!]) : part));
        const dx = raw.joinRows(gradients.map((part, g) => raw.matMul(part, ws[g]!, { transposeB: true })));
        const dw = gradients.map((part, g) => raw.matMul(parts[g]!, part, { transposeA: true }));
        return [raw.reshape(dx, x!.shape), ...dw.map((each, g) => raw.reshape(each, ws[g]!.shape))];
      });
    return { value, gradFunc };
  });
  return product(x, ...weights) as tf.Tensor2D;
}

/**
 * Computes the scalar products of chosen pixels with the features of units, for the samples of each group with the units of that group:
 * `Σ_c image[b, pixels[b, k, u], c] features_g[u, c]`, where g is the group of sample b. The features at other pixels cost nothing.
 *
 * The gradients are products with the sparse matrix of the pixels, so no gradient `[B, U, C]` exists.
 *
 * @param image `[B, P, C]`
 * @param pixels int32 `[B, k, U]`, each in 0..P-1; columns from U_g on are ignored
 * @param features a matrix `[U_g, C]` for each group
 * @param sizes the number of samples of each group, int32 `[groups]`, of sum B
 * @returns `[B, k, U]`; 0 in the columns from U_g on
 */
export function groupedDots(
  image: tf.Tensor3D,
  pixels: tf.Tensor3D,
  features: readonly tf.Tensor2D[],
  sizes: tf.Tensor1D,
): tf.Tensor3D {
  const [samples, area, channels] = image.shape;
  const shape = { samples, area, channels, most: pixels.shape[2], units: features.map((f) => f.shape[0]) };
  const dots = tf.customGrad((...args: unknown[]) => {
    const save = args.at(-1) as tf.GradSaveFunc;
    const [given, ...own] = args.slice(0, -1) as [tf.Tensor3D, ...tf.Tensor2D[]];
    save([sizes, pixels, given, ...own]);
    const value = raw.withUnknownSizes(() => dotsOf(given, pixels, own, sizes, shape));
    const gradFunc = (dy: tf.Tensor, [groups, at, x, ...fs]: tf.Tensor[]) =>
      raw.withUnknownSizes(() => gradientsOfDots(dy, x!, at!, fs, groups!, shape));
    return { value, gradFunc };
  });
  return dots(image, ...features) as tf.Tensor3D;
}

/** The sizes of grouped scalar products. */
interface DotsShape {
  readonly samples: number;
  /** The number of pixels of an image. */
  readonly area: number;
  readonly channels: number;
  /** The number of columns of the result. */
  readonly most: number;
  /** The number of units of each group. */
  readonly units: readonly number[];
}

function dotsOf(
  image: tf.Tensor3D,
  pixels: tf.Tensor3D,
  features: readonly tf.Tensor2D[],
  sizes: tf.Tensor1D,
  shape: DotsShape,
): tf.Tensor {
  const { samples, area, channels, most, units } = shape;
  const flat = tf.reshape(image, [samples * area, channels]);
  const parts: tf.Tensor[] = [];
  for (const [g, rows] of ofGroups(rowsOf(pixels, shape), sizes, shape).entries()) {
    // One group after another, because the features that a group has seen are its largest tensor.
    const seen = raw.gatherRows(flat, raw.after(rows, parts.at(-1)));
    const products = raw.multiply(seen, features[g]!);
    parts.push(widened(raw.sumOver(products, 3), [0, 0, most - units[g]!]));
  }
  return raw.reshape(raw.joinRows(parts), [samples, pixels.shape[1], most]);
}

/** Returns the gradients of the image and of each group's features. */
function gradientsOfDots(
  dy: tf.Tensor,
  image: tf.Tensor,
  pixels: tf.Tensor,
  features: readonly tf.Tensor[],
  sizes: tf.Tensor,
  shape: DotsShape,
): tf.Tensor[] {
  const { samples, area, channels, units } = shape;
  const rowCounts = tf.mul(sizes, tf.scalar(area, "int32"));
  const images = raw.splitRows(tf.reshape(image, [samples * area, channels]), rowCounts, features.length);
  const counts = tf.split(rowCounts, features.length);
  const firsts = tf.split(tf.cumsum(rowCounts, 0, true), features.length);
  const gradients = ofGroups(dy, sizes, shape);
  const pixelRows = ofGroups(rowsOf(pixels, shape), sizes, shape);
  const parts = features.map((f, g) => {
    // TensorFlow divides by the number of a sparse matrix's rows.
    if (units[g] === 0) return { dx: raw.multiply(images[g]!, tf.scalar(0)), df: f };
    const local = raw.subtract(pixelRows[g]!, firsts[g]!);
    const matrix = pixelMatrix(gradients[g]!, local, [units[g]!, counts[g]!]);
    return {
      dx: raw.sparseMatMul(matrix, f, { transposed: true }),
      df: raw.sparseMatMul(matrix, images[g]!),
    };
  });
  const dx = raw.joinRows(parts.map((part) => part.dx));
  return [raw.reshape(dx, image.shape), ...parts.map(({ df }, g) => raw.reshape(df, features[g]!.shape))];
}

/**
 * Returns the sparse matrix that has a row for each unit of a group and a column for each pixel of the group's images.
 *
 * @param values the element of each sample, pixel and unit, `[b, k, units]`
 * @param pixels the column of each element
 */
function pixelMatrix(values: tf.Tensor, pixels: tf.Tensor, [units, columns]: [number, tf.Tensor]) {
  // The rows of the matrix are units, so the elements are ordered by unit.
  const byUnit = (x: tf.Tensor) => raw.transpose(x, [2, 0, 1]);
  const unit = tf.reshape(tf.range(0, units, 1, "int32"), [units, 1, 1]);
  const column = byUnit(pixels);
  const row = raw.add(raw.multiply(column, tf.scalar(0, "int32")), unit);
  const at = raw.reshape(raw.pairs(row, column, 3), [-1, 2]);
  const shape = tf.concat([tf.tensor1d([units], "int32"), columns]);
  return raw.sparseMatrix(at, raw.reshape(byUnit(values), [-1]), shape);
}

/** Splits `[B, k, U]` by group, and returns the columns of each group's units. */
function ofGroups(x: tf.Tensor, sizes: tf.Tensor, { units, most }: DotsShape): tf.Tensor[] {
  return raw
    .splitRows(x, sizes, units.length)
    .map((part, g) => (units[g]! < most ? raw.firstOf(part, [-1, -1, units[g]!]) : part));
}

/** Returns the rows of the pixels among those of all samples. */
const rowsOf = (pixels: tf.Tensor, { samples, area }: DotsShape) =>
  tf.add(pixels, tf.reshape(tf.range(0, samples * area, area, "int32"), [samples, 1, 1]));

const widened = (x: tf.Tensor, amounts: readonly number[]) =>
  amounts.some((n) => n > 0) ? raw.padEnd(x, amounts) : x;
