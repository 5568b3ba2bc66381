/** Where each of several parts begins when they stand one after another. */
export function offsets(lengths: readonly number[]): number[] {
  return lengths.map((_, i) => lengths.slice(0, i).reduce((sum, length) => sum + length, 0));
}
