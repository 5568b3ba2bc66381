import { offsets } from "./offsets";

/** Samples of one batch: the dataset of each, and its index there. Always of the full length. */
export interface SampleBatch {
  dataset: Int32Array;
  index: Int32Array;
}

/**
 * Cuts an order of samples into batches of equal size, so that one compiled step serves all.
 *
 * @param lengths samples of each dataset; sample numbers count through all datasets
 * @param order sample numbers
 * @param last what becomes of a last batch that is not full: left out, or filled up with dataset -1, which no unit is of
 */
export function* sampleBatches(
  lengths: readonly number[],
  order: Int32Array,
  batchSize: number,
  last: "drop" | "fill",
): Generator<SampleBatch> {
  const starts = offsets(lengths);
  for (let at = 0; at < order.length; at += batchSize) {
    const taken = order.subarray(at, at + batchSize);
    if (taken.length < batchSize && last === "drop") return;
    const [dataset, index] = [new Int32Array(batchSize).fill(-1), new Int32Array(batchSize)];
    taken.forEach((sample, i) => {
      const d = starts.findLastIndex((start) => start <= sample);
      dataset[i] = d;
      index[i] = sample - starts[d]!;
    });
    yield { dataset, index };
  }
}
