import { Random } from "../random";

export interface DistributedSamplerOptions {
  /** Default 0. */
  seed?: number;
  /** Default true; without it the order is 0, 1, 2, ... */
  shuffle?: boolean;
  /** This process among `worldSize`. Defaults 0 and 1. */
  rank?: number;
  worldSize?: number;
  /** Cut to equal lengths on all ranks instead of padding with the first samples again. Default false. */
  dropLast?: boolean;
}

/** A permutation of all samples, seeded by seed and epoch, of which each rank takes a stride. */
export class DistributedSampler {
  private epoch = 0;
  private readonly options: Required<DistributedSamplerOptions>;

  constructor(
    private readonly length: number,
    options: DistributedSamplerOptions = {},
  ) {
    this.options = { seed: 0, shuffle: true, rank: 0, worldSize: 1, dropLast: false, ...options };
  }

  setEpoch(epoch: number): void {
    this.epoch = epoch;
  }

  /** This rank's samples, in order. */
  indices(): Int32Array {
    const { seed, shuffle, rank, worldSize, dropLast } = this.options;
    const order = Int32Array.from({ length: this.length }, (_, i) => i);
    if (shuffle) new Random(seed, `epoch ${this.epoch}`).shuffle(order);
    const each = dropLast ? Math.floor(this.length / worldSize) : Math.ceil(this.length / worldSize);
    return Int32Array.from({ length: each }, (_, i) => order[(rank + i * worldSize) % this.length]!);
  }
}
