import type { Callback } from "./callback";
import type { Observer } from "./events";
import type { BatchSource, TrainingModule } from "./module";
import type { CheckedOptions } from "./options";
import type { ResumePoint } from "./resume";
import type { RunFolder } from "./run-folder";

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
