import { Random } from "../../base/random";

/** The number of rounds of the network; 4 already look random (Luby and Rackoff 1988). */
const ROUNDS = 8;

/**
 * A random permutation of the numbers 0 to length - 1. Each element is computed on demand: a million samples are shuffled as fast as ten,
 * without memory.
 *
 * It is a keyed Feistel network over pairs of numbers, repeated until the result is within the length (cycle walking; Black and Rogaway
 * 2002, "Ciphers with arbitrary finite domains").
 */
export class Permutation {
  private readonly rows: number;
  private readonly columns: number;
  private readonly keys: Int32Array;

  constructor(
    readonly length: number,
    random: Random,
  ) {
    this.rows = Math.max(1, Math.ceil(Math.sqrt(length)));
    this.columns = Math.max(1, Math.ceil(length / this.rows));
    this.keys = Int32Array.from({ length: ROUNDS }, () => random.below(2 ** 31));
  }

  /** Returns the element at a position. @param place from 0 to length - 1 */
  at(place: number): number {
    let value = this.once(place);
    while (value >= this.length) value = this.once(value);
    return value;
  }

  /** Applies the network once. The number of pairs is at least the length. */
  private once(value: number): number {
    const { rows, columns, keys } = this;
    let [row, column] = [Math.floor(value / columns), value % columns];
    for (let round = 0; round < ROUNDS; round += 2) {
      row = (row + mixed(column, keys[round]!)) % rows;
      column = (column + mixed(row, keys[round + 1]!)) % columns;
    }
    return row * columns + column;
  }
}

/** Mixes a value and a key with murmur3's finalizer. */
function mixed(value: number, key: number): number {
  let h = value ^ key;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** The number of proposals before all weights are summed. */
const TRIES = 64;

/**
 * Draws a number with a probability proportional to its weight. It proposes a number and accepts it with the probability `weight / most`,
 * so that most draws need few random numbers and weights, and the weights may change between draws. If many proposals fail, it sums all
 * weights; the probabilities are the same.
 *
 * @param count the number of numbers 0, 1, ...
 * @param weight returns the weight of a number, from 0 to `most`
 * @throws RangeError when all weights are 0
 */
export function weightedDraw(
  random: Random,
  count: number,
  weight: (i: number) => number,
  most: number,
): number {
  for (let tries = 0; tries < TRIES; tries++) {
    const i = random.below(count);
    if (random.uniform(0, most) < weight(i)) return i;
  }
  let sum = 0;
  for (let i = 0; i < count; i++) sum += weight(i);
  if (!(sum > 0)) throw new RangeError("weightedDraw: at least one weight must be over 0");
  const at = random.uniform(0, sum);
  let [passed, last] = [0, 0];
  for (let i = 0; i < count; i++) {
    if (weight(i) > 0) last = i;
    passed += weight(i);
    if (passed > at) return i;
  }
  // Rounding may make the sum slightly too small.
  return last;
}

/** The length of an epoch of unequal sessions: all samples once, or by the longest session, or by the shortest. */
export const EPOCH_LENGTHS = ["total", "longest", "shortest"] as const;
/** The rule for the length of an epoch of unequal sessions. */
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
