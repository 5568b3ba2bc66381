import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { ConfigError, readYaml } from "../../base/config";
import { fileInside } from "../../base/files/folder";
import { DISPLAY, type Displayable } from "../../base/jupyter/display";
import { shownAsTable, Table } from "../../base/jupyter/table";
import { duration } from "../../base/terminal/fit-line";
import { curvePanels } from "../../plots/curve-panels";
import type { Curves } from "../../plots/curves";
import { type CurvesOptions, curvesFigure } from "../../plots/curves-figure";
import type { Figure } from "../../plots/figure";
import { lowerIsBetter } from "../../plots/metric-words";
import { type EpochRecord, type RecordedEvent, readEvents, type Stopped } from "../../protocols/events";
import type { TrainingModule } from "../../protocols/module";
import {
  type LoadWeightsOptions,
  loadWeights,
  type WeightsReport,
} from "../../trainer/checkpoint/load-weights";
import { LAST } from "../../trainer/checkpoint/resume";
import { afterEpochs } from "../../trainer/run";
import { EventSummary } from "./event-summary";
import { type FollowOptions, followRun } from "./follow";

/** A checkpoint in the run's folder. */
export interface CheckpointFile {
  name: string;
  path: string;
  bytes: number;
  /** The epoch recorded when the file was written; undefined for `last`, which is overwritten repeatedly. */
  epoch?: number;
  step?: number;
  monitor?: string;
  score?: number;
}

/** A run that is read from its folder, independent of the process that made it. */
export class RecordedRun implements Displayable {
  readonly name: string;
  /** One record for each validation. */
  readonly history: readonly EpochRecord[];
  /** The curves. Long curves are thinned: see `Curves`. */
  readonly curves: Curves;
  readonly checkpoints: readonly CheckpointFile[];
  /** The checkpoint with the best monitored metric. */
  readonly best: CheckpointFile | undefined;
  /** The reason why the fit returned; undefined when the run has not ended or was killed. */
  readonly stopped: Stopped | undefined;
  /** The time from the first event to the last, in seconds. */
  readonly seconds: number;

  constructor(
    readonly folder: string,
    /** The contents of `config.yaml`: the options of the trainer and the configuration of the module. */
    readonly config: Readonly<Record<string, unknown>>,
    /** The summary of the events. */
    readonly summary: EventSummary,
    /** The number of lines of `events.jsonl` that cannot be read. A killed run may have a partial line. */
    readonly unreadable: number,
  ) {
    const { curves, history, first, last } = summary;
    this.name = basename(folder);
    this.curves = curves;
    this.history = history;
    this.checkpoints = checkpointsOf(folder, summary.checkpoints);
    this.best = bestOf(this.checkpoints, summary.checkpoints);
    this.stopped = last?.event === "fit_end" ? last.stopped : undefined;
    this.seconds = (last?.time ?? 0) - (first?.time ?? 0);
  }

  /** All events, read again from `events.jsonl` on each access: those of a long run may need much memory. */
  get events(): readonly RecordedEvent[] {
    return [...readEvents(join(this.folder, EVENTS))];
  }

  /** Returns the history as a table, one row for each validation. */
  table(): Table {
    return new Table(this.history, `${this.name}: ${String(this)}`);
  }

  /** Draws the losses on a logarithmic axis, the metrics with the best marked, the learning rate, and the speed. */
  figure(options: CurvesOptions = {}): Figure {
    return curvesFigure(this.curves, curvePanels(this.curves), { log: LOSSES, ...options });
  }

  /**
   * Loads the weights of one of the run's checkpoints into a module that was built as for the training.
   *
   * @example
   * openRun("runs/demo").load(module, "best");
   *
   * @param which the best by the monitored metric, the last one, or the name of a file in the run's `checkpoints`.
   * Default "best"
   * @param options `strict: false` loads only the weights that fit
   * @returns what was loaded, and with `strict: false` what was not
   * @throws ConfigError that lists the existing checkpoints when there is no such checkpoint, and as `loadWeights` does
   */
  load(
    module: Pick<TrainingModule, "parameters" | "state" | "datasets">,
    which: "best" | "last" | (string & {}) = "best",
    options: LoadWeightsOptions = {},
  ): WeightsReport {
    return loadWeights(module, this.checkpointOf(which).path, options);
  }

  /**
   * Follows the run while another process trains it. A notebook shows its past and new curves below the cell; a
   * terminal shows a line with the progress. Following ends with the run, when its process is gone (with a warning), or
   * on an interrupt (Ctrl-C, the notebook's stop button, `signal`), which does not affect the training. When the run is
   * resumed, following continues.
   *
   * @example
   * const run = await openRun("runs/demo").follow();
   *
   * @param options the panels and how they are drawn. Default: all numbers
   * @returns the run in its state at that time
   */
  async follow(options: FollowOptions = {}): Promise<RecordedRun> {
    await followRun(this.folder, { log: LOSSES, ...options });
    return openRun(this.folder);
  }

  private checkpointOf(which: string): CheckpointFile {
    const { best, checkpoints, folder } = this;
    const file = which === "last" ? LAST : which;
    const found = which === "best" ? best : checkpoints.find(({ name }) => name === file);
    if (found) return found;
    const names = checkpoints.map(({ name }) => name);
    const there = names.length > 0 ? `available: ${names.join(", ")}` : "the folder has none";
    const why =
      which === "best" ? `has no best checkpoint: ${this.whyNoBest()}` : `has no checkpoint ${file}`;
    throw new ConfigError(folder, [{ path: "checkpoints", message: `${why}; ${there}` }]);
  }

  private whyNoBest(): string {
    const { checkpoints, history } = this.summary;
    const written = [...checkpoints.values()].findLast(({ monitor }) => monitor !== undefined);
    if (written)
      return `the run wrote ${basename(String(written.path))}, which is not in its folder any more`;
    if (history.length === 0) return "no validation was finished";
    return "the run had no ModelCheckpoint with a `monitor` and a `saveTopK` above 0, or its metric was never a finite number";
  }

  toString(): string {
    const { best, stopped, history, seconds } = this;
    const epochs = new Set(history.map(({ epoch }) => epoch)).size;
    const score = best ? `, best ${best.monitor} ${best.score?.toFixed(4)}` : "";
    return `${stopped ?? "not ended"} ${afterEpochs(epochs)}, ${duration(seconds)}${score}`;
  }

  /** Returns what a notebook shows for the object. */
  [DISPLAY]() {
    const rows = this.history.slice(-ROWS);
    const shown =
      rows.length < this.history.length ? `; the last ${ROWS} of ${this.history.length} rows` : "";
    const table = new Table(rows, `${this.name}: ${String(this)}${shown}`)[DISPLAY]();
    const html = `${this.figure().svg()}${table["text/html"]}`;
    return { "text/html": html, "text/plain": table["text/plain"] };
  }
}

const EVENTS = "events.jsonl";

/** The largest number of rows of the history to display. */
const ROWS = 100;

const LOSSES = ["train_loss", "val_loss"];

/**
 * Reads a run from its folder: its history, events, checkpoints and configuration.
 *
 * @example
 * const run = openRun("runs/demo");
 * display(run);
 * run.history.at(-1)?.val_bps_overall;
 *
 * @throws ConfigError when the folder holds no run, listing the runs beside it, or when its `config.yaml` is damaged
 */
export function openRun(folder: string): RecordedRun {
  const path = join(folder, EVENTS);
  if (!existsSync(path)) {
    const others = runsIn(dirname(folder));
    const beside = others.length > 0 ? `; runs beside it: ${others.join(", ")}` : "";
    throw new ConfigError(folder, [{ path: "", message: `holds no run (no events.jsonl)${beside}` }]);
  }
  let unreadable = 0;
  const summary = new EventSummary(readEvents(path, () => unreadable++));
  return new RecordedRun(folder, configOf(folder), summary, unreadable);
}

/** Returns the configuration of a run, empty if it has none. @throws ConfigError when the file is damaged */
function configOf(folder: string): Record<string, unknown> {
  const path = join(folder, "config.yaml");
  if (!existsSync(path)) return {};
  const fail = (message: string) => new ConfigError(path, [{ path: "", message }]);
  if (!fileInside(folder, "config.yaml"))
    throw fail("is not a file of the run's folder: links to other folders are not followed");
  const config = readYaml(path);
  if (typeof config === "object" && config !== null && !Array.isArray(config))
    return shownAsTable(config as Record<string, unknown>, path);
  throw fail("must be a mapping, as the run wrote it; put that file back, or remove it");
}

/** Whether a folder holds a run. */
export const isRun = (folder: string): boolean => existsSync(join(folder, EVENTS));

/** The names of the runs in a folder. */
export function runsIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => isRun(join(folder, name))) : [];
}

function checkpointsOf(folder: string, said: EventSummary["checkpoints"]): CheckpointFile[] {
  const checkpoints = join(folder, "checkpoints");
  if (!existsSync(checkpoints)) return [];
  return readdirSync(checkpoints)
    .filter((name) => name.endsWith(".safetensors"))
    .sort()
    .map((name) => {
      const path = join(checkpoints, name);
      const { epoch, step, monitor, score } = said.get(name) ?? {};
      return {
        name,
        path,
        bytes: statSync(path, { throwIfNoEntry: false })?.size ?? 0,
        ...(monitor !== undefined && typeof score === "number" ? { monitor, score } : {}),
        ...(monitor !== undefined && epoch !== undefined && step !== undefined ? { epoch, step } : {}),
      };
    });
}

/**
 * Returns the checkpoint that the run recorded as its best. A run of version 0.1 did not record it, so its metrics are
 * compared.
 */
function bestOf(
  checkpoints: readonly CheckpointFile[],
  said: EventSummary["checkpoints"],
): CheckpointFile | undefined {
  const named = checkpoints.filter(({ name }) => said.get(name)?.best);
  if (named.length > 0) return named.sort((a, b) => (b.step ?? 0) - (a.step ?? 0))[0];
  const scored = checkpoints.filter(({ score }) => score !== undefined);
  const sign = ({ monitor }: CheckpointFile) => (lowerIsBetter(monitor!) ? 1 : -1);
  return scored.sort((a, b) => sign(a) * (a.score! - b.score!))[0];
}
