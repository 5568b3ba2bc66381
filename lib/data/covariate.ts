/** Numbers by frame, `[T, ...]`, in row-major order. */
export interface Covariate {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Returns the stride of an axis, its length, and the number of repetitions over the axes before it. */
export function strides(
  shape: readonly number[],
  axis: number,
): { outer: number; length: number; inner: number } {
  const product = (lengths: readonly number[]) => lengths.reduce((a, b) => a * b, 1);
  return {
    outer: product(shape.slice(0, axis)),
    length: shape[axis]!,
    inner: product(shape.slice(axis + 1)),
  };
}

/** Concatenates covariates on their last axis. All other lengths must be equal. */
export function joinLast(parts: readonly Covariate[]): Covariate {
  const first = parts[0]!;
  const widths = parts.map(({ shape }) => shape.at(-1)!);
  const width = widths.reduce((a, b) => a + b, 0);
  const rows = first.values.length / widths[0]!;
  const values = new Float32Array(rows * width);
  let column = 0;
  parts.forEach((part, i) => {
    const own = widths[i]!;
    for (let row = 0; row < rows; row++)
      values.set(part.values.subarray(row * own, (row + 1) * own), row * width + column);
    column += own;
  });
  return { shape: [...first.shape.slice(0, -1), width], values };
}

/** Returns some columns of rows `[..., from]` in the given order; the same array if these are all columns in their order. */
export function chosenColumns(values: Float32Array, from: number, columns: readonly number[]): Float32Array {
  if (columns.length === from && columns.every((column, i) => column === i)) return values;
  const picked = new Float32Array((values.length / from) * columns.length);
  for (let at = 0; at < picked.length; at++)
    picked[at] = values[Math.floor(at / columns.length) * from + columns[at % columns.length]!]!;
  return picked;
}
