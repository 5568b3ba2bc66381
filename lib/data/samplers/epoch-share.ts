import { Random } from "../../base/random";
import { Permutation } from "./permutation";

/** The length of an epoch of unequal sessions: all samples once, or by the longest session, or by the shortest. */
export const EPOCH_LENGTHS = ["total", "longest", "shortest"] as const;
export type EpochLength = (typeof EPOCH_LENGTHS)[number];

/**
 * Returns the number of samples of each dataset in an epoch: its own number for `total`; that of the longest for `longest`, so that
 * shorter ones repeat; that of the shortest for `shortest`.
 */
export function epochShares(sizes: readonly number[], length: EpochLength): number[] {
  if (length === "total") return [...sizes];
  const all = length === "longest" ? Math.max(...sizes) : Math.min(...sizes);
  return sizes.map(() => all);
}

/**
 * Returns the sample at each position of a dataset's share of an epoch. A share of the dataset's own size is the dataset in order. Any
 * other share cycles through a permutation that differs between epochs: the counts of any two samples differ by at most one, and over the
 * epochs all samples occur.
 */
export function shareOf(
  size: number,
  share: number,
  { seed, epoch, dataset }: ShareSeed,
): (place: number) => number {
  if (share === size) return (place) => place;
  const order = new Permutation(size, new Random(seed, `share ${dataset} ${epoch}`));
  return (place) => order.at(place % size);
}

interface ShareSeed {
  seed: number;
  epoch: number;
  dataset: number;
}
