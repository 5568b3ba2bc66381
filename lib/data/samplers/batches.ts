import { offsets } from "./offsets";

/** The samples of one batch: the dataset of each, and its index there. A batch always has the full length. */
export interface SampleBatch {
  dataset: Int32Array;
  index: Int32Array;
}

/**
 * Makes batches of one length from sample numbers that count through all datasets, so that one compiled step serves all batches.
 * Incomplete batches are padded with dataset -1, to which no unit belongs.
 *
 * @param sizes the number of samples of each dataset
 */
export function batchOf(sizes: readonly number[], batchSize: number): (taken: Int32Array) => SampleBatch {
  const starts = offsets(sizes);
  return (taken) => {
    const [dataset, index] = [new Int32Array(batchSize).fill(-1), new Int32Array(batchSize)];
    taken.forEach((sample, i) => {
      const d = starts.findLastIndex((start) => start <= sample);
      dataset[i] = d;
      index[i] = sample - starts[d]!;
    });
    return { dataset, index };
  };
}
