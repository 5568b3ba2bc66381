import { basename } from "node:path";
import { DISPLAY, type Displayable } from "../base/jupyter/display";
import { Table } from "../base/jupyter/table";
import type { tf } from "../engine";
import type { KeptCheckpoints } from "../protocols/callback";
import type { EpochRecord, Stopped } from "../protocols/events";
import {
  type DeferredModule,
  isDeferred,
  isOwn,
  type NamedVariables,
  type TrainingModule,
} from "../protocols/module";
import { loadCheckpoint } from "./checkpoint/checkpoint";

/** The result of a fit. */
export class Run implements Displayable {
  constructor(
    private readonly module: TrainingModule | DeferredModule,
    /** The run's folder. */
    readonly folder: string,
    /** The reason why the fit returned. */
    readonly stopped: Stopped,
    /** One record for each validation, and for the end of each epoch. */
    readonly history: readonly EpochRecord[],
    /** The checkpoints that can be loaded: the one with the best monitored metric, and the last one. */
    readonly kept: KeptCheckpoints,
    readonly seconds: number,
  ) {}

  /**
   * Loads a checkpoint's weights into the module's parameters.
   *
   * @throws Error when no such checkpoint was kept, or the module was deferred
   */
  load(which: "best" | "last"): void {
    const path = which === "best" ? this.kept.best?.path : this.kept.last;
    if (!path) throw new Error(`The run kept no ${which} checkpoint: ${this.whyNone(which)}.`);
    if (isDeferred(this.module))
      throw new Error(
        `The module was deferred and has no weights in this process; load ${path} with \`loadTwin\` or \`loadWeights\`.`,
      );
    loadCheckpoint(path, variablesOf(this.module));
  }

  /** Returns the history as a table, one row for each record. */
  table(): Table {
    return new Table(this.history, String(this));
  }

  /** Returns what a notebook shows for the object. */
  [DISPLAY]() {
    return this.table()[DISPLAY]();
  }

  private whyNone(which: "best" | "last"): string {
    const { stopped, kept } = this;
    if (which === "best") {
      const why =
        kept.noBest ?? "it had no ModelCheckpoint; add one with a `monitor` to the trainer's callbacks";
      return kept.last ? `${why}. \`load("last")\` has the final weights` : why;
    }
    if (stopped === "diverged")
      return "it diverged before a checkpoint was written, and weights that are not finite are not saved";
    return "its ModelCheckpoint has `saveLast: false`, or the file could not be written, which a warning of the run says";
  }

  toString(): string {
    const { best } = this.kept;
    const epochs = new Set(this.history.map(({ epoch }) => epoch)).size;
    const kept = best ? `, best ${best.score.toFixed(4)} (${basename(best.path)})` : "";
    return `${this.stopped} ${afterEpochs(epochs)}, ${Math.round(this.seconds)} s${kept}; see ${this.folder}`;
  }
}

/** Formats the length of a run: `after 2 epochs`, or `within its first epoch` when no epoch was completed. */
export function afterEpochs(count: number): string {
  return count === 0 ? "within its first epoch" : `after ${count} epochs`;
}

/** Returns the module's parameters and state by their public names. */
export function variablesOf(module: Pick<TrainingModule, "parameters" | "state">): NamedVariables {
  return new Map(
    [...module.parameters, ...(module.state ?? [])].map(({ name, variable }) => [name, variable]),
  );
}

/** Returns the parameters and the state that all processes of a training have. */
export function sharedVariables(module: TrainingModule): tf.Variable[] {
  const all = [...module.parameters, ...(module.state ?? [])];
  return all.filter((each) => !isOwn(module, each)).map(({ variable }) => variable);
}
