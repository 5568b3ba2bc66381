import { readFileSync } from "node:fs";
import { join } from "node:path";
import { numbersOf } from "../../plots/curves";
import { toPng } from "../../plots/image";
import type { Observer, TrainerEvent } from "../../protocols/events";
import { hyperparametersOf } from "./hyperparameters";
import { EventsWriter } from "./tfevents";

/**
 * Writes a run's numbers, pictures and histograms for TensorBoard (`tensorboard --logdir runs`), and its settings for the HParams
 * dashboard. Histograms come from a `HistogramMonitor` among the callbacks.
 *
 * @example
 * new Trainer({ name: "demo", callbacks: [new TensorBoardLogger()] })
 */
export class TensorBoardLogger implements Observer {
  private writer: EventsWriter | undefined;
  private folder = "";

  /** @param options.dir the folder for its files. Default: `tensorboard` in the run's folder */
  constructor(private readonly options: { dir?: string } = {}) {}

  /** Writes an event. */
  observe(event: TrainerEvent): void {
    if (event.event === "fit_start") {
      this.folder = event.folder;
      this.writer = new EventsWriter(this.options.dir ?? join(event.folder, "tensorboard"));
      if (event.resumed !== undefined) this.writer.restart(event.resumed + 1);
      this.writer.hyperparameters(hyperparametersOf(event.folder));
      return;
    }
    if (!this.writer || !("step" in event) || typeof event.step !== "number") return;
    if (event.event === "picture") {
      this.writer.picture(event.step, event.name, toPng(readFileSync(join(this.folder, event.path), "utf8")));
      return;
    }
    if (event.event === "histogram") {
      this.writer.histogram(event.step, event.name, event.edges, event.counts);
      return;
    }
    if (event.event === "fit_end") {
      this.writer.endSession(STATUS[event.stopped]);
      return;
    }
    const numbers = numbersOf(event).filter(([, value]) => Number.isFinite(value));
    if (numbers.length > 0) this.writer.scalars(event.step, numbers);
  }
}

/** The status of a run in the HParams dashboard, by the reason of its end; an interrupted one may be resumed. */
const STATUS = {
  completed: "success",
  early: "success",
  time: "success",
  diverged: "failure",
  interrupted: "unknown",
} as const;
