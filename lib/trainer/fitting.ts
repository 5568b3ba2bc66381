import type { Callback } from "../protocols/callback";
import type { Observer } from "../protocols/events";
import type { BatchSource, TrainingModule } from "../protocols/module";
import type { ResumePoint } from "./checkpoint/resume";
import type { RunFolder } from "./checkpoint/run-folder";
import type { CheckedOptions } from "./options";

/** A fit before it is decided where it runs. */
export interface Fitting {
  readonly module: TrainingModule;
  /** Where the batches come from: the module, unless others were given. */
  readonly source: BatchSource;
  readonly options: CheckedOptions;
  /** Takes the run's folder and begins or goes on there; called once for all processes. */
  open(): RunFolder;
  /** Puts the run's folder back to a checkpoint. */
  goOn(folder: RunFolder, from: ResumePoint): void;
  readonly workers: readonly Callback[];
  readonly observers: readonly Observer[];
}
