import { join } from "node:path";
import { ConfigError, check } from "../config";
import { configureEngine } from "../engine";
import { type Accelerator, allot, placeOf, thisMachine } from "../launch";
import { type Callback, isObserver } from "./callback";
import { EventsFile } from "./events";
import { Fit } from "./fit";
import { fitAtPlace, fitInProcesses } from "./launched";
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
    const { devices, accelerator, ...kept } = rest;
    const configuration = { trainer: { name, devices, accelerator, ...kept }, ...module.config };
    const create = () => RunFolder.create(join(dir, name), configuration, overwrite);
    const observers = callbacks.filter(isObserver);
    const workers = callbacks.filter((callback): callback is Callback => !isObserver(callback));
    const place = placeOf(process.env);
    if (place) return fitAtPlace(place, { module, options: this.options, create, workers, observers });
    const allotment = allot(devices, accelerator, thisMachine());
    if (allotment.gpus.length > 1 || typeof devices === "object")
      return fitInProcesses({ module, options: this.options, create, workers, observers, allotment });
    useAccelerator(accelerator);
    const folder = create();
    return new Fit(module, this.options, folder, workers, [
      new EventsFile(folder.events),
      ...observers,
    ]).run();
  }
}

/** @throws TensorFlowNotFound where there is no GPU, and Error when TensorFlow runs on another device already */
function useAccelerator(accelerator: Accelerator): void {
  if (accelerator === "auto") return;
  const onGpu = thisMachine().gpus > 0;
  if (onGpu === (accelerator === "gpu")) return;
  configureEngine({ device: accelerator });
}
