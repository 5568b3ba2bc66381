import type { Callback } from "../protocols/callback";
import type { Observer } from "../protocols/events";
import type { BatchSource, TrainingModule } from "../protocols/module";
import type { ResumePoint } from "./checkpoint/resume";
import type { RunFolder } from "./checkpoint/run-folder";
import type { CheckedOptions } from "./options";

/** A fit, before it is decided where it runs. */
export interface Fitting {
  readonly module: TrainingModule;
  /** The source of the batches: the module, unless another source was given. */
  readonly source: BatchSource;
  readonly options: CheckedOptions;
  /** Opens the run's folder, or reopens it to continue there. Called once for all processes. */
  open(): RunFolder;
  /** Resets the run's folder to a checkpoint. */
  goOn(folder: RunFolder, from: ResumePoint): void;
  readonly workers: readonly Callback[];
  readonly observers: readonly Observer[];
}
