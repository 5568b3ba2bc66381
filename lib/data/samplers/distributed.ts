import { Random } from "../../base/random";
import { Permutation } from "./permutation";

/** The options of `DistributedSampler`. */
export interface DistributedSamplerOptions {
  /** Default 0. */
  seed?: number;
  /** Default true. If false, the order is 0, 1, 2, ... */
  shuffle?: boolean;
  /** The number of this process among `worldSize`. Defaults 0 and 1. */
  rank?: number;
  worldSize?: number;
  /** Truncates to equal lengths on all ranks instead of padding with the first samples again. Default false. */
  dropLast?: boolean;
}

/** Shards a permutation of all samples, seeded by seed and epoch, over ranks: each rank takes a stride. */
export class DistributedSampler {
  /** The number of this rank's samples. */
  readonly length: number;
  private readonly options: Required<DistributedSamplerOptions>;
  private order: Permutation | undefined;

  constructor(
    private readonly total: number,
    options: DistributedSamplerOptions = {},
  ) {
    this.options = { seed: 0, shuffle: true, rank: 0, worldSize: 1, dropLast: false, ...options };
    const { dropLast, worldSize } = this.options;
    this.length = dropLast ? Math.floor(total / worldSize) : Math.ceil(total / worldSize);
    this.setEpoch(0);
  }

  /** Sets the epoch, on which the order depends. */
  setEpoch(epoch: number): void {
    const { shuffle, seed } = this.options;
    if (shuffle) this.order = new Permutation(this.total, new Random(seed, `epoch ${epoch}`));
  }

  /** Returns the sample at a position of this rank's order. */
  at(place: number): number {
    const { rank, worldSize } = this.options;
    const i = (rank + place * worldSize) % this.total;
    return this.order ? this.order.at(i) : i;
  }

  /** Returns this rank's samples in order. Default: all. */
  indices(from = 0, to = this.length): Int32Array {
    const end = Math.min(to, this.length);
    return Int32Array.from({ length: Math.max(0, end - from) }, (_, i) => this.at(from + i));
  }
}
