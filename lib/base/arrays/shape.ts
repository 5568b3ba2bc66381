/** Returns the product of lengths: the number of elements of an array. */
export const product = (lengths: readonly number[]): number => lengths.reduce((a, b) => a * b, 1);

/** Returns the strides of an array whose last index changes fastest, in elements. */
export const rowMajor = (shape: readonly number[]): number[] =>
  shape.map((_, axis) => product(shape.slice(axis + 1)));
