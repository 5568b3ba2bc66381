import type { Engine } from "./jobs";
import type { Size } from "./model-file";

/** The matrix product of a round. */
export interface PeakRow {
  bench: "step";
  round: number;
  engine: Engine;
  mode: "sgemm";
  ms: number;
  gflops: number;
}

/** The machine's peak: the largest that a matrix product of either engine reached; NaN when none was measured. */
export const peakOf = (rows: readonly PeakRow[]) =>
  rows.length === 0 ? Number.NaN : Math.max(...rows.map(({ gflops }) => gflops));

/** A measured step. */
export interface StepRow {
  bench: "step";
  round: number;
  size: Size;
  engine: Engine;
  mode: string;
  /** Median of the steps after the warm-up. */
  ms: number;
  /** The mean processor time of a step, over all threads. */
  cpu_ms?: number;
  samples_per_s: number;
  gflops: number;
  /** The share of the peak of the same round. */
  sgemm_share: number;
  /** The process's largest memory. */
  peak_mib: number;
  /** The peak memory without mapped files, on Linux. The resident part of a library depends on the file cache. */
  own_mib?: number;
  /** Seconds before the first step can run. */
  compile_s: number;
  /** The seconds of tracing, as a part of `compile_s`. */
  trace_s?: number;
  loss?: number;
  /** GFLOP of a step as gradbook's plan counts them. */
  plan_gflop?: number;
}

/** The time that a trainer adds to a step. */
export interface OverheadRow {
  bench: "step";
  round: number;
  size: Size;
  engine: Engine;
  mode: "trainer_overhead" | "lightning_overhead";
  ms: number;
  bare_ms: number;
  overhead_ms: number;
  /** The overhead of Lightning with every loss logged. */
  overhead_logged_ms?: number;
  /** The overhead of the loop alone, with a model of one weight. */
  loop_overhead_ms: number;
  loop_overhead_logged_ms?: number;
}

/** A measurement that failed. */
export interface FailedRow {
  bench: "step";
  round: number;
  size?: Size;
  engine: Engine;
  mode: string;
  error: string;
}

export type Row = PeakRow | StepRow | OverheadRow | FailedRow;

export const isFailed = (row: Row): row is FailedRow => "error" in row;
export const isPeak = (row: Row): row is PeakRow => row.mode === "sgemm" && !isFailed(row);
export const isOverhead = (row: Row): row is OverheadRow => "overhead_ms" in row;
export const isStep = (row: Row): row is StepRow => "samples_per_s" in row;
