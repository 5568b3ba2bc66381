import { ConfigError } from "../base/config";
import { DistributedSampler } from "../data/samplers";

/** A share of all samples, 0 to below 1, or a number of samples from 1 on. */
export type PartSize = number;

/** The rows of each part: all of them once. */
export interface SplitRows {
  readonly train: Int32Array;
  readonly validation: Int32Array;
  readonly test: Int32Array;
}

/**
 * Splits samples into parts, at random or in order: train, validation, test.
 *
 * @throws ConfigError when a size is no share and no number of samples, or nothing is left to train on
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
    // A share of few samples is at least one of them.
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
