import { ConfigError, check } from "../base/config";
import type { Accelerator } from "../distributed";
import { clusterEnvironment } from "../distributed/cluster-environment";
import { allot, thisMachine } from "../distributed/devices";
import { unknownLauncher } from "../distributed/launchers";
import { configureEngine, type tf } from "../engine";
import { EventsFile, type Metrics } from "../protocols/events";
import {
  type Batch,
  type Batches,
  type BatchSource,
  type DeferredModule,
  isDeferred,
  type TrainingModule,
} from "../protocols/module";
import { fitInCluster } from "./distributed/in-cluster";
import { fitInProcesses } from "./distributed/launched";
import {
  type BatchSizeRange,
  findBatchSize,
  findLearningRate,
  type LearningRateRange,
  type LearningRates,
} from "./find";
import { Fit } from "./fit";
import { fittingOf, ofFastDevRun, requireLength } from "./fitting";
import { type CheckedOptions, type TrainerOptions, trainerSchema } from "./options";
import type { Run } from "./run";
import { TrainingStep } from "./step/step";
import { noBatches, predictArrays, predictBatches, sourceOf } from "./validation";

/**
 * Trains a module and records the run in a folder.
 *
 * @example
 * const trainer = new Trainer({ name: "demo", maxEpochs: 20, callbacks: [new ProgressLine()] });
 * const run = await trainer.fit(experiment);
 */
export class Trainer {
  private readonly options: CheckedOptions;
  private running: Fit | undefined;
  private fitting = false;

  /** @throws ConfigError that lists all unknown and invalid options */
  constructor(options: TrainerOptions = {}) {
    this.options = check(trainerSchema, options, "Trainer");
  }

  /**
   * Trains until `maxEpochs`, an interrupt (Ctrl-C, the notebook's stop button, SIGTERM or `signal`; the batch is
   * finished and the last checkpoint written), `maxTime`, a callback's request, or losses that are not finite. In all
   * of these cases `fit` **returns**.
   *
   * @param module a deferred module is made in this process only if it trains here; under a launcher, after all processes have joined
   * @param source batches, for a module that serves none itself
   * @throws ConfigError when a batch is larger than the training data, the folder holds an earlier run and neither
   * `overwrite` nor `resume` is set, another fit writes into that folder or this trainer is fitting already, or there
   * are no batches
   */
  async fit(module: TrainingModule | DeferredModule, source?: BatchSource): Promise<Run> {
    if (this.fitting) throw alreadyFitting();
    this.fitting = true;
    try {
      return await this.fitOnce(module, source);
    } finally {
      this.fitting = false;
    }
  }

  private async fitOnce(given: TrainingModule | DeferredModule, source?: BatchSource): Promise<Run> {
    const { devices, accelerator } = this.options;
    const options = ofFastDevRun(this.options);
    const place = clusterEnvironment(process.env);
    const unknown = place ? undefined : unknownLauncher(process.env);
    if (unknown) console.warn(`gradbook: ${unknown}`);
    const begin = (module: TrainingModule, resume: string | undefined) => {
      requireLength(this.options, sourceOf(module, source));
      return fittingOf(module, source, { ...options, resume });
    };
    if (place) return fitInCluster(place, given, options, begin);
    const allotment = allot(devices, accelerator, thisMachine());
    const launched = allotment.gpus.length > 1 || typeof devices === "object";
    if (launched && isDeferred(given))
      return fitInProcesses({ ...fittingOf(given, source, options), allotment });
    const module = isDeferred(given) ? await given.make() : given;
    const fitting = begin(module, options.resume);
    if (launched) return fitInProcesses({ ...fitting, allotment });
    useAccelerator(accelerator);
    const { open, observers, workers } = fitting;
    const folder = open();
    try {
      const seen = [new EventsFile(folder.events), ...observers];
      this.running = new Fit(module, sourceOf(module, source), fitting.options, folder, workers, seen);
      return await this.running.run();
    } finally {
      this.running = undefined;
      folder.release();
    }
  }

  /** Ends the current fit at the next batch boundary. The state is saved, and the run ends as `interrupted`. */
  stop(): void {
    this.running?.stop("interrupted");
  }

  /**
   * Computes the validation metrics of a module with its current weights. @throws ConfigError when there are no
   * validation batches
   */
  async validate(module: TrainingModule, source?: BatchSource): Promise<Metrics> {
    return this.score(module, source, "validationBatches");
  }

  /**
   * Computes the metrics of a module with its current weights on the test samples, named `test_loss` and `test_<name>`.
   *
   * @param source batches, for a module that serves none itself, such as `arrayBatches` with `test`
   * @throws ConfigError when there are no test batches
   */
  async test(module: TrainingModule, source?: BatchSource): Promise<Metrics> {
    const found = await this.score(module, source, "testBatches");
    const named = ([name, value]: [string, number | string]) => [`test_${name.replace(/^val_/, "")}`, value];
    return Object.fromEntries(Object.entries(found).map(named));
  }

  private async score(
    module: TrainingModule,
    source: BatchSource | undefined,
    part: "validationBatches" | "testBatches",
  ): Promise<Metrics> {
    const { batchSize, seed } = this.options;
    if (module.shard) throw onlySome(part === "testBatches" ? "test" : "validate");
    const batches = (source ?? module)[part]?.({ batchSize, seed, pass: 0 });
    if (!batches) throw noBatches(part);
    const step = new TrainingStep(module, this.options);
    try {
      return (await step.validate(batches)) ?? {};
    } finally {
      step.dispose();
    }
  }

  /**
   * Suggests a learning rate: trains some steps at growing rates and then restores the module's weights.
   *
   * @param source batches, for a module that serves none itself
   * @throws ConfigError for an invalid range, or without batches
   */
  async findLearningRate(
    module: TrainingModule,
    range: LearningRateRange = {},
    source?: BatchSource,
  ): Promise<LearningRates> {
    return findLearningRate(module, sourceOf(module, source), this.options, range);
  }

  /**
   * Finds, by doubling, the largest batch size that fits into memory and the data. The module's weights are restored.
   *
   * @param source batches, for a module that serves none itself
   * @throws ConfigError for an invalid range, or data that does not fill the first batch
   */
  async findBatchSize(
    module: TrainingModule,
    range: BatchSizeRange = {},
    source?: BatchSource,
  ): Promise<number> {
    return findBatchSize(module, sourceOf(module, source), this.options, range);
  }

  /**
   * Computes a module's `forward`.
   *
   * @param batches the batches. Default: the module's validation batches
   * @returns one tensor for each batch; the caller disposes them
   */
  async predict(module: TrainingModule, batches?: Batches): Promise<tf.Tensor[]>;
  /**
   * Computes a module's `forward` for arrays, such as `{ x }`, in batches of `batchSize`.
   *
   * @returns one tensor for all samples, in their order; the caller disposes it
   */
  async predict(module: TrainingModule, arrays: Batch): Promise<tf.Tensor>;
  async predict(module: TrainingModule, given?: Batches | Batch): Promise<tf.Tensor[] | tf.Tensor> {
    const { batchSize, seed } = this.options;
    if (given && !isBatches(given)) return predictArrays(module, given, batchSize);
    const batches = given ?? module.validationBatches?.({ batchSize, seed, pass: 0 });
    if (!batches) throw noBatches(module.forward ? "validationBatches" : "forward");
    return predictBatches(module, batches);
  }
}

const onlySome = (method: string) => {
  const message = `gives this process only some of the sessions, and \`${method}\` scores all; load the experiment without it, or score the checkpoint by \`gradbook evaluate\``;
  return new ConfigError(`Trainer.${method}`, [{ path: "shard", message }]);
};

const isBatches = (given: Batches | Batch): given is Batches =>
  Symbol.iterator in given || Symbol.asyncIterator in given;

const alreadyFitting = () =>
  new ConfigError("Trainer.fit", [
    {
      path: "",
      message:
        "another fit of this trainer is going on; await it (or end it with `trainer.stop()` and await it) before the next",
    },
  ]);

/**
 * Selects the device. @throws TensorFlowNotFound where there is no GPU, and Error when TensorFlow already runs on
 * another device
 */
function useAccelerator(accelerator: Accelerator): void {
  if (accelerator === "auto") return;
  const onGpu = thisMachine().gpus > 0;
  if (onGpu === (accelerator === "gpu")) return;
  configureEngine({ device: accelerator });
}
