import { ConfigError } from "../base/config";
import { DistributedSampler } from "../data/samplers/distributed";

/** The size of a part: a share of all samples (0 to below 1), or a number of samples (1 or more). */
export type PartSize = number;

/** The rows of each part. Each row belongs to exactly one part. */
export interface SplitRows {
  readonly train: Int32Array;
  readonly validation: Int32Array;
  readonly test: Int32Array;
}

/**
 * Splits samples into train, validation and test parts, at random or in order.
 *
 * @throws ConfigError when a size is neither a share nor a number of samples, or no training samples remain
 */
export function splitRows(
  count: number,
  sizes: { validation: PartSize; test: PartSize },
  { seed, shuffle }: { seed: number; shuffle: boolean },
): SplitRows {
  const problem = (path: string, message: string) => new ConfigError("arrayBatches", [{ path, message }]);
  const samplesOf = (name: "validation" | "test") => {
    const size = sizes[name];
    if (!(size >= 0) || (size >= 1 && !Number.isInteger(size)))
      throw problem(name, `${size} is neither a share from 0 to below 1 nor a whole number of samples`);
    // A share above 0 selects at least one sample.
    return size >= 1 || size === 0 ? size : Math.max(1, Math.round(size * count));
  };
  const [validation, test] = [samplesOf("validation"), samplesOf("test")];
  const train = count - validation - test;
  if (train < 1) {
    const path = validation >= test ? "validation" : "test";
    const taken = `${validation} samples to validate and ${test} to test leave none of ${count} to train on`;
    throw problem(path, `${taken}; make them smaller`);
  }
  const order = new DistributedSampler(count, { seed, shuffle }).indices();
  return {
    train: order.slice(0, train),
    validation: order.slice(train, train + validation),
    test: order.slice(train + validation),
  };
}
