/** Returns the start of each of several consecutive parts. */
export function offsets(lengths: readonly number[]): number[] {
  return lengths.map((_, i) => lengths.slice(0, i).reduce((sum, length) => sum + length, 0));
}
