import { product } from "../base/arrays/shape";
import type { Random } from "../base/random";

/** Returns the initial values of a weight in row-major order. */
export type Initializer = (shape: readonly number[], random: Random) => Float32Array;

/** Fills a weight with one value. */
export const constant =
  (value: number): Initializer =>
  (shape) =>
    new Float32Array(product(shape)).fill(value);

/** 0 everywhere. */
export const zeros = constant(0);
/** 1 everywhere. */
export const ones = constant(1);

/** Draws from the normal distribution with mean 0 and standard deviation `scale`. */
export const normal =
  (scale: number): Initializer =>
  (shape, random) =>
    Float32Array.from({ length: product(shape) }, () => scale * random.normal());

/**
 * Draws uniformly from ±1/√fanIn. PyTorch initializes kernels (Kaiming uniform with a = √5) and biases of convolutions and dense layers
 * in this way.
 */
export const uniformByFanIn =
  (fanIn: number): Initializer =>
  (shape, random) => {
    const bound = 1 / Math.sqrt(fanIn);
    return Float32Array.from({ length: product(shape) }, () => bound * (2 * random.uniform() - 1));
  };

/**
 * Returns a kernel `[..., out]` with orthonormal filters (Saxe et al. 2013), or with orthonormal rows when there are more filters than
 * entries per filter.
 */
export const orthogonal: Initializer = (shape, random) => {
  const columns = shape[shape.length - 1]!;
  const rows = product(shape) / columns;
  const tall = rows >= columns;
  const length = tall ? rows : columns;
  const vectors: Float64Array[] = [];
  for (let n = 0; n < Math.min(rows, columns); n++) {
    const v = Float64Array.from({ length }, () => random.normal());
    // Two passes are enough (Kahan); a single pass leaves rounding errors along the earlier vectors.
    for (let pass = 0; pass < 2; pass++) {
      for (const u of vectors) {
        let dot = 0;
        for (let i = 0; i < length; i++) dot += u[i]! * v[i]!;
        for (let i = 0; i < length; i++) v[i]! -= dot * u[i]!;
      }
    }
    const norm = Math.hypot(...v);
    vectors.push(v.map((x) => x / norm));
  }
  const values = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      values[row * columns + column] = tall ? vectors[column]![row]! : vectors[row]![column]!;
  return values;
};
