import type { BatchRequest, BatchSource } from "../protocols/module";

/**
 * Returns the number of batches to validate on. A limit above 1 is that number; a limit up to 1 is a share of all
 * batches.
 */
export async function limitOf(limit: number, source: BatchSource, request: BatchRequest): Promise<number> {
  if (limit > 1) return limit;
  if (limit === 1) return Number.POSITIVE_INFINITY;
  const count = source.validationBatchCount?.(request.batchSize) ?? (await counted(source, request));
  return Math.max(1, Math.round(limit * count));
}

async function counted(source: BatchSource, request: BatchRequest): Promise<number> {
  let count = 0;
  for await (const _ of source.validationBatches?.(request) ?? []) count++;
  return count;
}
