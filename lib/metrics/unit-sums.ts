import type { tf } from "../engine";
import { meanOfKnown, meansOfSessions, meansOfSubjects } from "./session-means";

/** Sums the values of each unit over samples: `[B, columns]` → `[N]`. */
export type SumOfUnits = (values: tf.Tensor2D) => tf.Tensor1D;

/** The total of each row of sums over the units of each session, `[rows][sessions]`. */
export type SessionTotals = readonly Float64Array[];

/** Running sums of each unit over batches, in float64, from which a score follows without stored predictions. */
export abstract class UnitSums {
  /** `[rows, N]`, row by row. */
  readonly sums: Float64Array;

  /**
   * @param unitDataset the session of each of the N units
   * @param sessions the sessions' names, such as `north_2031-01-01`; the subject is the text before the first `_`
   * @param rows the number of sums of each unit
   */
  constructor(
    readonly unitDataset: Int32Array,
    readonly sessions: readonly string[],
    rows: number,
  ) {
    this.sums = new Float64Array(rows * unitDataset.length);
  }

  /** Adds the sums of a batch or of another process. @throws RangeError when the number of units differs */
  add(sums: ArrayLike<number>): void {
    if (sums.length !== this.sums.length)
      throw new RangeError(
        `${this.constructor.name}.add: ${sums.length} sums for ${this.unitDataset.length} units`,
      );
    for (let i = 0; i < sums.length; i++) this.sums[i]! += sums[i]!;
  }

  /** Returns the score of each unit; NaN where it is not defined. */
  abstract perUnit(): Float64Array;

  /**
   * Returns the mean loss over the valid bins of some sessions.
   *
   * @param totals for several calls with the same sums. Default: computed
   */
  abstract loss(counts: (session: number) => boolean, totals?: SessionTotals): number;

  /** Returns the totals over the units of each session. */
  totals(): SessionTotals {
    const { length: units } = this.unitDataset;
    return Array.from({ length: this.sums.length / units }, (_, row) => {
      const ofSessions = new Float64Array(this.sessions.length);
      for (const [unit, session] of this.unitDataset.entries()) ofSessions[session]! += this.at(row, unit);
      return ofSessions;
    });
  }

  /** Returns the mean over each session's units; NaN for a session without a known score. */
  perSession(): number[] {
    return meansOfSessions(this.perUnit(), this.unitDataset, this.sessions.length);
  }

  /** Returns the mean over each subject's sessions. */
  perSubject(): Record<string, number> {
    return meansOfSubjects(this.perSession(), this.sessions);
  }

  /** Returns the mean over sessions of the mean over units. */
  overall(): number {
    return meanOfKnown(this.perSession());
  }

  /** Returns a sum of a unit. */
  protected at(row: number, unit: number): number {
    return this.sums[row * this.unitDataset.length + unit]!;
  }
}

/** Returns the total of some sessions. */
export const totalOf = (ofSessions: Float64Array, counts: (session: number) => boolean): number =>
  ofSessions.reduce((sum, value, session) => (counts(session) ? sum + value : sum), 0);
