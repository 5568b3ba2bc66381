import { join } from "node:path";
import { ConfigError } from "../base/config";
import { type Callback, isObserver } from "../protocols/callback";
import { environmentObservers, type Observer } from "../protocols/events";
import { type BatchSource, type DeferredModule, isDeferred, type TrainingModule } from "../protocols/module";
import {
  type ResumePoint,
  requireSameDatasets,
  requireSameOptimizer,
  resumePoint,
} from "./checkpoint/resume";
import { RunFolder } from "./checkpoint/run-folder";
import { Length } from "./length";
import type { CheckedOptions } from "./options";

/** A fit, before it is decided where it runs. */
export interface Fitting {
  readonly module: TrainingModule | DeferredModule;
  /** The source of the batches, if another source than the module was given. */
  readonly source: BatchSource | undefined;
  readonly options: CheckedOptions;
  /** The configuration of the run, as in `config.yaml`; without that of a deferred module. */
  readonly config: object;
  /** Opens the run's folder, or reopens it to continue there. Called once for all processes. */
  open(): RunFolder;
  /** Resets the run's folder to a checkpoint. */
  goOn(folder: RunFolder, from: ResumePoint): void;
  readonly workers: readonly Callback[];
  readonly observers: readonly Observer[];
}

/** Prepares a fit. @throws ConfigError when the checkpoint to resume from cannot be read, or belongs to another run */
export function fittingOf(
  module: TrainingModule | DeferredModule,
  source: BatchSource | undefined,
  options: CheckedOptions,
): Fitting {
  const { name, dir, overwrite, resume, callbacks, signal: _, ...rest } = options;
  const path = join(dir, name);
  const from = resume === undefined ? undefined : resumePoint(resume, join(path, "checkpoints"), name);
  if (from) {
    requireSameDatasets(from, module.datasets);
    requireSameOptimizer(from, options.optimizer);
  }
  const config = { trainer: { name, ...rest }, ...(isDeferred(module) ? {} : module.config) };
  const goOn = (folder: RunFolder, point: ResumePoint) => folder.goOn(config, point, name);
  const open = () => {
    const folder = RunFolder.take(path);
    try {
      if (from && folder.holds(from.path)) goOn(folder, from);
      else folder.begin({ name, config, overwrite, restarted: resume === "auto" });
      return folder;
    } catch (error) {
      folder.release();
      throw error;
    }
  };
  const observers = [...environmentObservers(), ...callbacks.filter(isObserver)];
  const workers = callbacks
    .filter((callback): callback is Callback => !isObserver(callback))
    .filter((callback) => !(options.fastDevRun && callback.checkpoints));
  return {
    module,
    source,
    options: { ...options, resume: from?.path },
    config,
    open,
    goOn,
    workers,
    observers,
  };
}

/** Checks the length of an epoch before a folder is made. @throws ConfigError when it cannot be determined, or contradicts other options */
export function requireLength(options: CheckedOptions, source: BatchSource): void {
  const count = source.trainBatchCount?.(options.batchSize);
  const problem = (path: string, message: string) => new ConfigError("Trainer", [{ path, message }]);
  if (count === 0)
    throw problem(
      "batchSize",
      `${options.batchSize} is more than the number of training samples; give a smaller one`,
    );
  if (count === undefined && options.stepsPerEpoch === undefined && !options.overfitBatches)
    throw problem("stepsPerEpoch", "is needed, since the data does not say how many batches it has");
  // `Length` throws for invalid options.
  if (!options.fastDevRun) new Length(options, source);
}

/** Returns the options of a fit; those of a development run if `fastDevRun` is set. */
export function ofFastDevRun(options: CheckedOptions): CheckedOptions {
  if (!options.fastDevRun) return options;
  // A development run has its own folder.
  const name = `${options.name}-fast-dev-run`;
  const length = {
    maxEpochs: 1,
    maxSteps: undefined,
    stepsPerEpoch: 1,
    valCheckInterval: 1,
    checkValEveryNEpoch: 1,
  };
  return { ...options, ...length, name, overwrite: true, resume: undefined };
}
