import { DISPLAY, type Displayable, Table } from "../base/jupyter";
import { mean, median } from "../metrics";
import type { Metrics } from "../protocols/events";
import type { SaccadeTriggered } from "./triggered";

/** How well one unit is predicted. NaN where it cannot be said; scores on repeats only where the session has some. */
export interface UnitScores {
  session: string;
  cid: number;
  /** On the validation bins, as the next two. */
  bitsPerSpike: number;
  /** Of the true rate, for a simulated unit. */
  bestPossible?: number;
  /** Pearson's, of counts and predicted rates. */
  correlation: number;
  /** Of the spike-triggered averages of data and model. */
  staCorrelation: number;
  /** On repeats: see `RepeatScores`. */
  explainable?: number;
  ccMax?: number;
  ccNorm?: number;
  explained?: number;
  oracle?: number;
}

/** A spike-triggered average at the lag where the data's is strongest. */
export interface TriggeredPicture {
  session: string;
  cid: number;
  /** Milliseconds before the spike. */
  ms: number;
  height: number;
  width: number;
  /** `[height, width]`, in contrast. */
  data: number[];
  model: number[];
  correlation: number;
}

/** All scores and averages of an evaluation: plain data but for its displays. */
export class Evaluation implements Displayable {
  constructor(
    /** Sessions in order. */
    readonly units: readonly UnitScores[],
    /** The units of each session whose spike-triggered averages are clearest. */
    readonly spikeTriggered: readonly TriggeredPicture[],
    /** Of each session with saccades. */
    readonly saccades: readonly SaccadeTriggered[],
    /** Units that have repeats, and how many. */
    readonly repeats: number,
  ) {}

  /** Reads what `JSON.stringify` wrote. */
  static from(json: Pick<Evaluation, "units" | "spikeTriggered" | "saccades" | "repeats">): Evaluation {
    const known = json.units.map(
      (unit) =>
        Object.fromEntries(
          Object.entries(unit).map(([key, value]) => [key, value === null ? Number.NaN : value]),
        ) as unknown as UnitScores,
    );
    return new Evaluation(known, json.spikeTriggered, json.saccades, json.repeats);
  }

  /** The table's row of all units, for events and loggers: `eval/correlation`, `eval/cc_norm`, and so on. */
  metrics(): Metrics {
    const entries = SCORES.map(({ key, metric }) => [`eval/${metric}`, scoreOf(key, this.units)] as const);
    return Object.fromEntries(entries.filter(([, value]) => !Number.isNaN(value)));
  }

  /** A row for each session: mean bits per spike, each unit's clipped at 0, and medians of the others. */
  table(): Table {
    const sessions = [...new Set(this.units.map(({ session }) => session))];
    const shown = SCORES.filter(({ key }) => this.all(key).some((value) => !Number.isNaN(value)));
    const row = (session: string, units: readonly UnitScores[]) => ({
      session,
      units: units.length,
      ...Object.fromEntries(shown.map(({ key, title }) => [title, scoreOf(key, units)])),
    });
    const rows = sessions.map((session) =>
      row(
        session,
        this.units.filter((unit) => unit.session === session),
      ),
    );
    return new Table(sessions.length > 1 ? [...rows, row("all", this.units)] : rows);
  }

  [DISPLAY]() {
    return this.table()[DISPLAY]();
  }

  private all(key: Score): number[] {
    return this.units.map((unit) => unit[key] ?? Number.NaN);
  }
}

type Score = Exclude<keyof UnitScores, "session" | "cid">;

/** In the order of the table. */
const SCORES: readonly { key: Score; metric: string; title: string }[] = [
  { key: "bitsPerSpike", metric: "bits_per_spike", title: "bits per spike" },
  { key: "bestPossible", metric: "best_possible", title: "best possible" },
  { key: "correlation", metric: "correlation", title: "correlation" },
  { key: "ccNorm", metric: "cc_norm", title: "CCnorm" },
  { key: "ccMax", metric: "cc_max", title: "CCmax" },
  { key: "explained", metric: "fev", title: "FEV" },
  { key: "explainable", metric: "explainable", title: "explainable" },
  { key: "oracle", metric: "oracle", title: "oracle" },
  { key: "staCorrelation", metric: "sta_correlation", title: "STA r" },
];

function scoreOf(key: Score, units: readonly UnitScores[]): number {
  const values = units.map((unit) => unit[key] ?? Number.NaN);
  if (key !== "bitsPerSpike" && key !== "bestPossible") return median(values);
  const known = values.filter((value) => !Number.isNaN(value)).map((value) => Math.max(0, value));
  return known.length > 0 ? mean(known) : Number.NaN;
}
