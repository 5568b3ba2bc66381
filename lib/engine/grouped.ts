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
  const [, k, most] = pixels.shape;
  const units = features.map((f) => f.shape[0]);
  /** Splits `[B, k, U]` by group, and returns the columns of each group's units. */
  const ofGroups = (x: tf.Tensor, sizes: tf.Tensor) =>
    raw
      .splitRows(x, sizes, units.length)
      .map((part, g) => (units[g]! < most ? raw.firstOf(part, [-1, -1, units[g]!]) : part));
  /** Returns the rows of the pixels among those of all samples. */
  const rowsOf = (at: tf.Tensor) =>
    tf.add(at, tf.reshape(tf.range(0, samples * area, area, "int32"), [samples, 1, 1]));
  const dots = tf.customGrad((...args: unknown[]) => {
    const save = args.at(-1) as tf.GradSaveFunc;
    const [given, ...own] = args.slice(0, -1) as [tf.Tensor3D, ...tf.Tensor2D[]];
    save([sizes, pixels, given, ...own]);
    const value = raw.withUnknownSizes(() => {
      const flat = tf.reshape(given, [samples * area, channels]);
      const parts: tf.Tensor[] = [];
      for (const [g, rows] of ofGroups(rowsOf(pixels), sizes).entries()) {
        // One group after another, because the features that a group has seen are its largest tensor.
        const seen = raw.gatherRows(flat, raw.after(rows, parts.at(-1)));
        const products = raw.multiply(seen, own[g]!);
        parts.push(widened(raw.sumOver(products, 3), [0, 0, most - units[g]!]));
      }
      return raw.reshape(raw.joinRows(parts), [samples, k, most]);
    });
    const gradFunc = (dy: tf.Tensor, [groups, pixels, x, ...fs]: tf.Tensor[]) =>
      raw.withUnknownSizes(() => {
        const rowCounts = tf.mul(groups!, tf.scalar(area, "int32"));
        const images = raw.splitRows(tf.reshape(x!, [samples * area, channels]), rowCounts, fs.length);
        const counts = tf.split(rowCounts, fs.length);
        const firsts = tf.split(tf.cumsum(rowCounts, 0, true), fs.length);
        const gradients = ofGroups(dy, groups!);
        // The rows of the matrices are units, so the elements are ordered by unit.
        const byUnit = (x: tf.Tensor) => raw.transpose(x, [2, 0, 1]);
        const pixelRows = ofGroups(rowsOf(pixels!), groups!);
        const parts = fs.map((f, g) => {
          const count = units[g]!;
          // TensorFlow divides by the number of a sparse matrix's rows.
          if (count === 0) return { dx: raw.multiply(images[g]!, tf.scalar(0)), df: f };
          const unit = tf.reshape(tf.range(0, count, 1, "int32"), [count, 1, 1]);
          const local = byUnit(raw.subtract(pixelRows[g]!, firsts[g]!));
          const owner = raw.add(raw.multiply(local, tf.scalar(0, "int32")), unit);
          const at = raw.reshape(raw.pairs(owner, local, 3), [-1, 2]);
          const shape = tf.concat([tf.tensor1d([count], "int32"), counts[g]!]);
          const matrix = raw.sparseMatrix(at, raw.reshape(byUnit(gradients[g]!), [-1]), shape);
          return {
            dx: raw.sparseMatMul(matrix, f, { transposed: true }),
            df: raw.sparseMatMul(matrix, images[g]!),
          };
        });
        const dx = raw.joinRows(parts.map((part) => part.dx));
        return [raw.reshape(dx, x!.shape), ...parts.map(({ df }, g) => raw.reshape(df, fs[g]!.shape))];
      });
    return { value, gradFunc };
  });
  return dots(image, ...features) as tf.Tensor3D;
}

const widened = (x: tf.Tensor, amounts: readonly number[]) =>
  amounts.some((n) => n > 0) ? raw.padEnd(x, amounts) : x;
