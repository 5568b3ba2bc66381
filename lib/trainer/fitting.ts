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
  /** Makes the run's folder; once for all processes. */
  create(): RunFolder;
  /** Makes the run's folder as it was at a checkpoint. */
  reopen(from: ResumePoint): RunFolder;
  readonly workers: readonly Callback[];
  readonly observers: readonly Observer[];
}
