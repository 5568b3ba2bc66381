/** Batches to validate on: a number as it is, a share of all of them. */
export async function limitOf(
  limit: number,
  batches: () => Iterable<unknown> | AsyncIterable<unknown>,
): Promise<number> {
  if (limit > 1) return limit;
  if (limit === 1) return Number.POSITIVE_INFINITY;
  let count = 0;
  for await (const _ of batches()) count++;
  return Math.max(1, Math.round(limit * count));
}
