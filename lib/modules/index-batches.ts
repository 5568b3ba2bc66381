import { DistributedSampler } from "../samplers";
import type { Batch, BatchRequest, BatchSource } from "../trainer/module";

/**
 * Batches as sample numbers, for data that lies in tensors: the loss gathers what it needs, so nothing is copied, and any batch
 * can be made again. Training batches are shuffled by seed and pass and all full; validation is in order, its last batch filled
 * up with -1.
 *
 * @example
 * const module = {
 *   ...indexBatches({ train: 1437, validation: 360 }),
 *   parameters,
 *   loss: ({ index }) => ({ loss: lossOf(tf.gather(x, index), tf.gather(y, index)) }),
 * };
 *
 * @param count samples of either part; validation samples are numbered from 0 too
 */
export function indexBatches({
  train,
  validation = 0,
}: {
  train: number;
  validation?: number;
}): Required<Pick<BatchSource, "trainBatches" | "trainBatchCount">> & Pick<BatchSource, "validationBatches"> {
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
    ...(validation > 0
      ? {
          *validationBatches({ batchSize, rank = 0, worldSize = 1 }: BatchRequest): Iterable<Batch> {
            const own = Int32Array.from(
              { length: Math.ceil((validation - rank) / worldSize) },
              (_, i) => rank + i * worldSize,
            );
            for (let at = 0; at < own.length; at += batchSize) {
              const index = new Int32Array(batchSize).fill(-1);
              index.set(own.subarray(at, at + batchSize));
              yield { index };
            }
          },
        }
      : {}),
  };
}
