import { DistributedSampler } from "../data/samplers/distributed";
import type { Batch, BatchRequest, BatchSource } from "../protocols/module";

/**
 * Makes batches of sample numbers, for data that is already in tensors. The loss gathers the samples that it needs, so
 * nothing is copied, and any batch can be made again. Samples of all parts share one numbering: first the training
 * samples, then the validation samples, then the test samples. One loss can therefore serve all parts. Training batches
 * are shuffled by seed and pass, and all of them are full. The other batches are in order, and the last one may be
 * short.
 *
 * @example
 * // Rows 0 to 1436 of x and y are trained on; rows 1437 to 1796 are validated.
 * const module = {
 *   ...indexBatches({ train: 1437, validation: 360 }),
 *   parameters,
 *   loss: ({ index }) => ({ loss: lossOf(tf.gather(x, index), tf.gather(y, index)) }),
 * };
 *
 * @param count the number of samples in each part
 */
export function indexBatches({
  train,
  validation = 0,
  test = 0,
}: {
  train: number;
  validation?: number;
  test?: number;
}): Required<Pick<BatchSource, "trainBatches" | "trainBatchCount">> &
  Pick<BatchSource, "validationBatches" | "testBatches"> {
  return {
    trainBatchCount: (batchSize, worldSize = 1) => Math.floor(train / worldSize / batchSize),
    *trainBatches({
      batchSize,
      seed,
      pass,
      from = 0,
      rank = 0,
      worldSize = 1,
    }: BatchRequest): Iterable<Batch> {
      const sampler = new DistributedSampler(train, { seed, rank, worldSize, dropLast: true });
      sampler.setEpoch(pass);
      for (let at = from * batchSize; at + batchSize <= sampler.length; at += batchSize)
        yield { index: sampler.indices(at, at + batchSize) };
    },
    ...(validation > 0 ? { validationBatches: (request) => inOrder(train, validation, request) } : {}),
    ...(test > 0 ? { testBatches: (request) => inOrder(train + validation, test, request) } : {}),
  };
}

/** Yields the numbers of `count` samples, starting at `first`. Each process gets its own samples. */
function* inOrder(
  first: number,
  count: number,
  { batchSize, rank = 0, worldSize = 1 }: BatchRequest,
): Iterable<Batch> {
  const length = Math.ceil((count - rank) / worldSize);
  for (let at = 0; at < length; at += batchSize) {
    const size = Math.min(batchSize, length - at);
    yield { index: Int32Array.from({ length: size }, (_, i) => first + rank + (at + i) * worldSize) };
  }
}
