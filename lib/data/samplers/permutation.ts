import type { Random } from "../../base/random";

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
