/** Returns the lags of a sample's `history` in bins before the predicted one, oldest first. */
export function oldestFirst(lags: readonly number[]): number[] {
  return [...lags].sort((a, b) => b - a);
}
