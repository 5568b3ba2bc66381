import { join } from "node:path";
import { ConfigError, check } from "../config";
import { type Callback, isObserver } from "./callback";
import { EventsFile, type Observer } from "./events";
import { Fit } from "./fit";
import type { TrainingModule } from "./module";
import { type TrainerOptions, trainerSchema } from "./options";
import type { Run } from "./run";
import { RunFolder } from "./run-folder";

/**
 * Trains a module and keeps the run's traces in a folder.
 *
 * @example
 * const trainer = new Trainer({ name: "demo", maxEpochs: 20, callbacks: [new ProgressLine()] });
 * const run = await trainer.fit(experiment);
 */
export class Trainer {
  private readonly options: ReturnType<typeof check<typeof trainerSchema>>;

  /** @throws ConfigError for unknown or impossible options, all of them at once */
  constructor(options: TrainerOptions = {}) {
    this.options = check(trainerSchema, options, "Trainer");
  }

  /**
   * Trains until `maxEpochs`, an interrupt (Ctrl-C, the notebook's stop button, SIGTERM: the batch is finished, the last
   * checkpoint written), `maxTime`, a callback's wish, or a loss that is not finite. All of these **return**.
   *
   * @throws ConfigError when a batch is larger than the training data, or the folder holds an earlier run and `overwrite` is not set
   */
  async fit(module: TrainingModule): Promise<Run> {
    const { name, dir, overwrite, callbacks, ...rest } = this.options;
    if (module.trainBatchCount(rest.batchSize) === 0) {
      const message = `${rest.batchSize} is more than there are samples to train on; give a smaller one`;
      throw new ConfigError("Trainer", [{ path: "batchSize", message }]);
    }
    const folder = RunFolder.create(
      join(dir, name),
      { trainer: { name, ...rest }, ...module.config },
      overwrite,
    );
    const observers: Observer[] = [new EventsFile(folder.events), ...callbacks.filter(isObserver)];
    const workers = callbacks.filter((callback): callback is Callback => !isObserver(callback));
    return new Fit(module, this.options, folder, workers, observers).run();
  }
}
