import { toCsv } from "../base/files/csv";
import { DISPLAY, type Displayable } from "../base/jupyter/display";
import { Table } from "../base/jupyter/table";
import { mean, median } from "../metrics/correlation";
import type { Metrics } from "../protocols/events";
import type { AlignedFixations, SessionNote } from "./fixations";
import type { SaccadeTriggered } from "./triggered";
import type { ZMapPicture } from "./z-maps";

/**
 * The scores of one unit. A score that cannot be computed is NaN. Scores on repeats are present only if the session has
 * repeats.
 */
export interface UnitScores {
  session: string;
  cid: number;
  /** Bits per spike on the bins of the scored part of the sessions, as are the next three scores; NaN for responses that are not counts. */
  bitsPerSpike: number;
  /** The bits per spike after a fit of the rates' gain and offset, if `evaluate` was asked to `rescale`. */
  rescaledBitsPerSpike?: number;
  /** The bits per spike of the true rate, for a simulated unit. */
  bestPossible?: number;
  /** Pearson's correlation of responses and predicted rates. */
  correlation: number;
  /** The correlation of the spike-triggered averages of data and model. */
  staCorrelation: number;
  /** Scores on repeats: see `RepeatScores`. */
  explainable?: number;
  ccMax?: number;
  ccAbs?: number;
  ccNorm?: number;
  explained?: number;
  oracle?: number;
  /** The number of presentations of each repeated stimulus, and of bins of one presentation of all of them, that these scores use. */
  repeats?: number;
  repeatBins?: number;
  /** The correlation of the PSTHs of data and model during fixation; present only if the session has such responses. */
  psthCorrelation?: number;
}

/** The spike-triggered averages of data and model, at the lag where the data's average is strongest. */
export interface TriggeredPicture {
  session: string;
  cid: number;
  /** Milliseconds before the spike. */
  ms: number;
  height: number;
  width: number;
  /** The average of the data, `[height, width]`, in contrast. */
  data: number[];
  model: number[];
  correlation: number;
}

/** The parts of an evaluation that only some sessions have. */
export interface EvaluationExtras {
  fixations?: readonly AlignedFixations[];
  zMaps?: readonly ZMapPicture[];
  notes?: readonly SessionNote[];
}

/** All scores and averages of an evaluation: plain data with methods to display it. */
export class Evaluation implements Displayable {
  /** Responses during fixation, for each session that has them. */
  readonly fixations: readonly AlignedFixations[];
  /** The z-maps of the units of `spikeTriggered`, if `evaluate` was asked for them. */
  readonly zMaps: readonly ZMapPicture[];
  /** The parts that are left out, with the reasons. */
  readonly notes: readonly SessionNote[];

  constructor(
    /** The scores of each unit; sessions in order. */
    readonly units: readonly UnitScores[],
    /** The clearest spike-triggered averages of each session. */
    readonly spikeTriggered: readonly TriggeredPicture[],
    /** Averages around saccades, for each session with saccades. */
    readonly saccades: readonly SaccadeTriggered[],
    /** The largest number of repeats that the scores use. */
    readonly repeats: number,
    /** The part of the sessions that is scored. */
    readonly split = "validation",
    { fixations = [], zMaps = [], notes = [] }: EvaluationExtras = {},
  ) {
    this.fixations = fixations;
    this.zMaps = zMaps;
    this.notes = notes;
  }

  /** Whether the responses are spike counts with bits per spike as their score. */
  get isOfCounts(): boolean {
    return this.units.some(({ bitsPerSpike }) => !Number.isNaN(bitsPerSpike));
  }

  /** Restores an evaluation from the output of `JSON.stringify`. */
  static from(
    json: Pick<Evaluation, "units" | "spikeTriggered" | "saccades" | "repeats"> &
      EvaluationExtras & { split?: string },
  ): Evaluation {
    const known = json.units.map(
      (unit) =>
        Object.fromEntries(
          Object.entries(unit).map(([key, value]) => [key, value === null ? Number.NaN : value]),
        ) as unknown as UnitScores,
    );
    return new Evaluation(known, json.spikeTriggered, json.saccades, json.repeats, json.split, json);
  }

  /**
   * Joins evaluations of different sessions of one twin.
   *
   * @param sessions the names of all sessions, in their order
   */
  static joined(parts: readonly Evaluation[], sessions: readonly string[]): Evaluation {
    const inOrder = <T extends { readonly session: string }>(of: (part: Evaluation) => readonly T[]): T[] =>
      parts.flatMap(of).sort((a, b) => sessions.indexOf(a.session) - sessions.indexOf(b.session));
    return new Evaluation(
      inOrder(({ units }) => units),
      inOrder(({ spikeTriggered }) => spikeTriggered),
      inOrder(({ saccades }) => saccades),
      Math.max(...parts.map(({ repeats }) => repeats)),
      parts[0]?.split,
      {
        fixations: inOrder(({ fixations }) => fixations),
        zMaps: inOrder(({ zMaps }) => zMaps),
        notes: inOrder(({ notes }) => notes),
      },
    );
  }

  /** Returns the table's row of all units, for events and loggers: `eval/correlation`, `eval/cc_norm`, and so on. */
  metrics(): Metrics {
    const entries = SCORES.map(({ key, metric }) => [`eval/${metric}`, scoreOf(key, this.units)] as const);
    return Object.fromEntries(entries.filter(([, value]) => !Number.isNaN(value)));
  }

  /**
   * Returns a table with a row for each session: the mean bits per spike, with each unit clipped at 0, and the medians
   * of the other scores. `repeats` and `bins` are the numbers of presentations and of bins that the scores on repeats use.
   */
  table(): Table {
    const sessions = [...new Set(this.units.map(({ session }) => session))];
    const shown = SCORES.filter(({ key }) => this.all(key).some((value) => !Number.isNaN(value)));
    const row = (session: string, units: readonly UnitScores[]) => ({
      session,
      units: units.length,
      ...Object.fromEntries(shown.map(({ key, title }) => [title, scoreOf(key, units)])),
      ...(this.repeats > 0 ? repeatsOf(units) : {}),
    });
    const rows = sessions.map((session) =>
      row(
        session,
        this.units.filter((unit) => unit.session === session),
      ),
    );
    const title = this.split === "validation" ? "" : `scores of ${this.split}`;
    return new Table(sessions.length > 1 ? [...rows, row("all", this.units)] : rows, title);
  }

  /** Returns the scores of each unit as CSV (RFC 4180), with the names of `metrics` as columns; unknown scores are empty. */
  csv(): string {
    const columns = [...SCORES, ...COUNTS].filter(({ key }) => this.units.some((unit) => key in unit));
    const known = (value: number | undefined) => (value === undefined || Number.isNaN(value) ? "" : value);
    return toCsv([
      ["session", "unit", ...columns.map(({ metric }) => metric)],
      ...this.units.map((unit) => [unit.session, unit.cid, ...columns.map(({ key }) => known(unit[key]))]),
    ]);
  }

  /** Returns what a notebook shows for the object. */
  [DISPLAY]() {
    return this.table()[DISPLAY]();
  }

  private all(key: Score): number[] {
    return this.units.map((unit) => unit[key] ?? Number.NaN);
  }
}

type Score = Exclude<keyof UnitScores, "session" | "cid">;

/** The scores in the order of the table. */
const SCORES: readonly { key: Score; metric: string; title: string }[] = [
  { key: "bitsPerSpike", metric: "bits_per_spike", title: "bits per spike" },
  { key: "rescaledBitsPerSpike", metric: "rescaled_bits_per_spike", title: "rescaled bits per spike" },
  { key: "bestPossible", metric: "best_possible", title: "best possible" },
  { key: "correlation", metric: "correlation", title: "correlation" },
  { key: "ccAbs", metric: "correlation_to_mean", title: "correlation to mean" },
  { key: "ccNorm", metric: "cc_norm", title: "CCnorm" },
  { key: "ccMax", metric: "cc_max", title: "CCmax" },
  { key: "explained", metric: "fev", title: "FEV" },
  { key: "explainable", metric: "explainable", title: "explainable" },
  { key: "oracle", metric: "oracle", title: "oracle" },
  { key: "staCorrelation", metric: "sta_correlation", title: "STA r" },
  { key: "psthCorrelation", metric: "psth_correlation", title: "PSTH r" },
];

/** The numbers that belong to scores on repeats. */
const COUNTS: readonly { key: Score; metric: string }[] = [
  { key: "repeats", metric: "repeats" },
  { key: "repeatBins", metric: "repeat_bins" },
];

/** Returns the largest numbers of presentations and bins of units; 0 without repeats. */
function repeatsOf(units: readonly UnitScores[]): { repeats: number; bins: number } {
  const largest = (key: "repeats" | "repeatBins") =>
    units.reduce((most, unit) => Math.max(most, unit[key] ?? 0), 0);
  return { repeats: largest("repeats"), bins: largest("repeatBins") };
}

/** The scores whose summary is the mean over units, each clipped at 0. That of the others is the median. */
const MEANS: readonly Score[] = ["bitsPerSpike", "rescaledBitsPerSpike", "bestPossible"];

function scoreOf(key: Score, units: readonly UnitScores[]): number {
  const values = units.map((unit) => unit[key] ?? Number.NaN);
  if (!MEANS.includes(key)) return median(values);
  const known = values.filter((value) => !Number.isNaN(value)).map((value) => Math.max(0, value));
  return known.length > 0 ? mean(known) : Number.NaN;
}
