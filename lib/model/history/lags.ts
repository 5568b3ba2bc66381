/** The bins that a sample's `history` holds, as numbers of bins before the predicted one: oldest first. */
export function oldestFirst(lags: readonly number[]): number[] {
  return [...lags].sort((a, b) => b - a);
}
