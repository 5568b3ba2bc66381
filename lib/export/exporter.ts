import type { TrustOptions } from "../twin";

/** The checkpoint that an exporter reads, and the place where it writes. */
export interface ExportOptions extends TrustOptions {
  /** A checkpoint of gradbook. */
  readonly checkpoint: string;
  /** The file or the folder to write. */
  readonly out: string;
  /** The sessions' YAML file that the PyTorch Lightning package opens; for `lightning`. */
  readonly sessionsFile?: string;
}

/** The report of an export. */
export interface ExportReport {
  /** A line for each thing that was written. */
  readonly written: readonly string[];
  /** Remarks on what the result lacks. */
  readonly notes?: readonly string[];
}

/** A format in which other programs read a trained model. */
export interface Exporter {
  /** A description of the format, for `--help`. */
  readonly description: string;
  /** The file or the folder that is written by default. */
  readonly out: string;
  /** @throws ConfigError when the checkpoint or the model cannot be exported */
  write(options: ExportOptions): Promise<ExportReport>;
}
