import { Random } from "../../base/random";
import { Permutation } from "./permutation";

/** What an epoch of unequal sessions follows: all samples once, or the longest session, or the shortest. */
export const EPOCH_LENGTHS = ["total", "longest", "shortest"] as const;
export type EpochLength = (typeof EPOCH_LENGTHS)[number];

/**
 * How many samples of each dataset an epoch has: `total` each its own number; `longest` as many as the longest has, so that
 * shorter ones come round again; `shortest` as many as the shortest has.
 */
export function epochShares(sizes: readonly number[], length: EpochLength): number[] {
  if (length === "total") return [...sizes];
  const all = length === "longest" ? Math.max(...sizes) : Math.min(...sizes);
  return sizes.map(() => all);
}

/**
 * The sample that stands at each place of a dataset's share of an epoch. A share of the dataset's own size is the dataset in
 * order; any other goes through a permutation of it, round and round, that is another one in each epoch: no sample comes more
 * than once more often than another, and over the epochs all of them do.
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
