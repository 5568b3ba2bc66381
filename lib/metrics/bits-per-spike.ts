import { LEAST_RATE, SUMS } from "./sums";

/**
 * Bits per spike over all batches that were added: `Σ [r log(rhat) - rhat - (r log(rbar) - rbar)] / (spikes ln 2)` over
 * valid bins, rbar the unit's mean rate on the same bins: the gain over a model that knows the mean rates only.
 *
 * Running sums in float64; no prediction is kept.
 */
export class BitsPerSpike {
  /** `[4, N]`, row by row, as `bitsPerSpikeSums` gives them. */
  readonly sums: Float64Array;

  /**
   * @param unitDataset the session of each of the N units
   * @param sessions the sessions' names, such as `north_2031-01-01`; the subject is what stands before the first `_`
   */
  constructor(
    readonly unitDataset: Int32Array,
    readonly sessions: readonly string[],
  ) {
    this.sums = new Float64Array(SUMS * unitDataset.length);
  }

  /** Adds a batch's sums, or those of another process. @throws RangeError for sums of another number of units */
  add(sums: ArrayLike<number>): void {
    if (sums.length !== this.sums.length)
      throw new RangeError(`BitsPerSpike.add: ${sums.length} sums for ${this.unitDataset.length} units`);
    for (let i = 0; i < sums.length; i++) this.sums[i]! += sums[i]!;
  }

  /** Adds what another one has added up of the same units. */
  merge(other: BitsPerSpike): void {
    this.add(other.sums);
  }

  /** Of each unit; NaN for a unit without a spike on the valid bins. */
  perUnit(): Float64Array {
    const n = this.unitDataset.length;
    return Float64Array.from({ length: n }, (_, unit) => {
      const [likelihood, expected, spikes, bins] = [0, 1, 2, 3].map((row) => this.sums[row * n + unit]!);
      if (!(spikes! > 0)) return Number.NaN;
      const mean = spikes! / bins!;
      const gain = likelihood! - expected! - (spikes! * Math.log(mean + LEAST_RATE) - mean * bins!);
      return gain / spikes! / Math.LN2;
    });
  }

  /** Units that have no bits per spike; they are left out of all means. */
  silentUnits(): number {
    return this.perUnit().filter(Number.isNaN).length;
  }

  /** The mean of each session's units, each clipped at 0; NaN for a session without spikes. */
  perSession(): number[] {
    const units = this.perUnit();
    return this.sessions.map((_, session) =>
      mean([...units].filter((_, unit) => this.unitDataset[unit] === session).map(clip)),
    );
  }

  /** The mean of each subject's sessions. */
  perSubject(): Record<string, number> {
    const bySubject = new Map<string, number[]>();
    this.perSession().forEach((value, i) => {
      const subject = this.sessions[i]!.split("_")[0]!;
      bySubject.set(subject, [...(bySubject.get(subject) ?? []), value]);
    });
    return Object.fromEntries([...bySubject].map(([subject, values]) => [subject, mean(values)]));
  }

  /** `val_bps_overall`: the mean over sessions of the mean over units, each clipped at 0. */
  overall(): number {
    return mean(this.perSession());
  }
}

// NaN stays NaN here; `mean` leaves it out.
const clip = (value: number) => Math.max(0, value);

function mean(values: readonly number[]): number {
  const known = values.filter((value) => !Number.isNaN(value));
  return known.length === 0 ? Number.NaN : known.reduce((a, b) => a + b, 0) / known.length;
}
