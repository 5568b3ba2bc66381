import { makeSchedule } from "../schedulers";
import type { Callback, FitContext, Kept } from "./callback";
import { saveCheckpoint } from "./checkpoint";
import type { Metrics, Observer, Stopped, TrainerEvent } from "./events";
import type { Batch, TrainingModule } from "./module";
import type { CheckedOptions } from "./options";
import { type EpochRecord, Run, variablesOf } from "./run";
import type { RunFolder } from "./run-folder";
import { type Rates, Step } from "./step";
import { StopSignal } from "./stop";

/** How often a step is reported, in milliseconds; the first and an epoch's last always are. */
const REPORT_EVERY = 200;

/** One fit, from the first batch to the returned run. */
export class Fit implements FitContext {
  epoch = 0;
  step = 0;
  readonly checkpoints: string;
  readonly kept: Kept = {};
  private readonly compiled: Step;
  private readonly signal = new StopSignal();
  private readonly history: EpochRecord[] = [];
  private readonly started = Date.now();
  private metrics: Metrics = {};
  /** Observers that have thrown. */
  private readonly failed = new Set<Observer>();

  constructor(
    private readonly module: TrainingModule,
    private readonly options: CheckedOptions,
    private readonly folder: RunFolder,
    private readonly callbacks: readonly Callback[],
    private readonly observers: readonly Observer[],
  ) {
    this.checkpoints = folder.checkpoints;
    this.compiled = new Step(module, options);
  }

  async run(): Promise<Run> {
    const { maxEpochs, batchSize, seed, stepsPerEpoch, name } = this.options;
    const steps = stepsPerEpoch ?? this.module.trainBatchCount(batchSize);
    const parameters = this.module.parameters.reduce((sum, { variable }) => sum + variable.size, 0);
    try {
      await this.signal.listen();
      await this.emit({
        event: "fit_start",
        name,
        folder: this.folder.path,
        parameters,
        max_epochs: maxEpochs,
        steps_per_epoch: steps,
      });
      for (const message of this.module.regularization?.unmatched ?? []) {
        console.warn(message);
        await this.emit({ event: "warning", message });
      }
      for (const callback of this.callbacks) await callback.onFitStart?.(this);
      const stream = batches(this.module, batchSize, seed);
      for (this.epoch = 0; this.epoch < maxEpochs && !this.signal.reason; this.epoch++) {
        const trainLoss = await this.trainEpoch(stream, steps, this.rates());
        if (this.signal.reason) break;
        await this.validate(trainLoss);
      }
      this.epoch = Math.min(this.epoch, maxEpochs - 1);
      return await this.finish(this.signal.reason ?? "completed");
    } finally {
      this.signal.release();
      this.compiled.dispose();
    }
  }

  /** The base learning rate of this epoch, from the numbers of those before, and the regularizers' lambdas. */
  private rates(): Rates {
    const { optimizer, scheduler, maxEpochs } = this.options;
    const losses = this.history.map(({ val_loss, train_loss }) =>
      typeof val_loss === "number" ? val_loss : train_loss,
    );
    const { epoch } = this;
    const lr = makeSchedule(scheduler)({ epoch, baseLr: optimizer.lr, maxEpochs, losses });
    return { lr, lambdas: this.module.regularization?.lambdas(epoch) ?? [] };
  }

  /** @returns the mean loss of the epoch's steps */
  private async trainEpoch(
    stream: AsyncIterator<Batch, never>,
    steps: number,
    rates: Rates,
  ): Promise<number> {
    const { lr } = rates;
    const { batchSize, maxTime } = this.options;
    let [sum, taken, reported] = [0, 0, { at: Date.now(), step: this.step, sum: 0 }];
    while (taken < steps && !this.signal.reason) {
      const loss = await this.compiled.train((await stream.next()).value, rates, this.step);
      this.step++;
      taken++;
      sum += loss;
      if (!Number.isFinite(loss)) this.stop("diverged");
      const now = Date.now();
      if (maxTime && now - this.started > maxTime * 1000) this.stop("time");
      if (this.step === 1 || taken === steps || now - reported.at >= REPORT_EVERY) {
        const since = this.step - reported.step;
        const rate = (since * batchSize * 1000) / Math.max(1, now - reported.at);
        const mean = (sum - reported.sum) / since;
        const { epoch, step } = this;
        await this.emit({ event: "step", epoch, step, train_loss: mean, lr, samples_per_s: rate });
        reported = { at: now, step, sum };
      }
    }
    return sum / taken;
  }

  private async validate(trainLoss: number): Promise<void> {
    const { batchSize, seed } = this.options;
    this.metrics = this.module.validationMetrics(
      await this.compiled.validate(this.module.validationBatches({ batchSize, seed, pass: 0 })),
    );
    const record = { epoch: this.epoch, step: this.step, train_loss: trainLoss, ...this.metrics };
    this.history.push(record);
    await this.emit({ event: "validation", ...record });
    const seen = { train_loss: trainLoss, ...this.metrics };
    for (const callback of this.callbacks) await callback.onValidationEnd?.(this, seen);
  }

  private async finish(stopped: Stopped): Promise<Run> {
    // Weights that are no numbers are not worth keeping; the checkpoint of the last validation stays.
    if (stopped !== "diverged") for (const callback of this.callbacks) await callback.onFitEnd?.(this);
    const seconds = (Date.now() - this.started) / 1000;
    await this.emit({ event: "fit_end", epoch: this.epoch, step: this.step, stopped, seconds });
    return new Run(this.module, this.folder.path, stopped, this.history, this.kept, seconds);
  }

  save(path: string): void {
    const { epoch, step, metrics } = this;
    const variables = new Map([...variablesOf(this.module), ...this.compiled.state()]);
    saveCheckpoint(path, variables, {
      format: 1,
      epoch,
      step,
      seed: this.options.seed,
      metrics,
      config: this.module.config,
    });
  }

  stop(reason: Stopped): void {
    this.signal.request(reason);
  }

  /** Tells every observer. One that fails is left out from then on, with a warning: a plot must not end a training. */
  async emit(event: TrainerEvent): Promise<void> {
    for (const observer of this.observers) {
      if (this.failed.has(observer)) continue;
      try {
        await observer.observe(event);
      } catch (error) {
        this.failed.add(observer);
        console.warn(`${observer.constructor.name} failed and is left out of the rest of the run:`, error);
      }
    }
  }
}

/** Pass after pass over the training data, without end. */
async function* batches(
  module: TrainingModule,
  batchSize: number,
  seed: number,
): AsyncGenerator<Batch, never> {
  let step = 0;
  for (let pass = 0; ; pass++) {
    const first = step;
    for await (const batch of module.trainBatches({
      batchSize,
      seed,
      pass,
      stepOf: (number) => first + number,
    })) {
      step++;
      yield batch;
    }
  }
}
