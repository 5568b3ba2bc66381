import { join } from "node:path";
import { makeSchedule } from "../schedulers";
import { Bad } from "./bad";
import type { BatchResult, Callback, FitContext, Hook, Kept } from "./callback";
import { restoreStates, statesOf } from "./callback-states";
import { type CheckpointState, loadCheckpoint, saveCheckpoint } from "./checkpoint";
import type { Metrics, Observer, Stopped, TrainerEvent } from "./events";
import { Feed } from "./feed";
import { limitOf } from "./limit";
import type { BatchSource, TrainingModule } from "./module";
import { Observers } from "./observers";
import type { CheckedOptions } from "./options";
import { preflight } from "./preflight";
import type { Ranks } from "./ranks";
import { Reporter } from "./reporter";
import { LAST } from "./resume";
import { type EpochRecord, Run, variablesOf } from "./run";
import type { RunFolder } from "./run-folder";
import { type Rates, Step } from "./step";
import { StopSignal } from "./stop";

/** One fit, from the first batch to the returned run. */
export class Fit implements FitContext {
  epoch = 0;
  step = 0;
  maxEpochs: number;
  lr: number;
  stepsPerEpoch = 0;
  readonly batchSize: number;
  readonly checkpoints: string;
  readonly kept: Kept = {};
  private readonly compiled: Step;
  private readonly signal = new StopSignal();
  private readonly observers: Observers;
  private readonly callbacks: readonly Callback[];
  private readonly bad: Bad;
  private readonly started = Date.now();
  private history: EpochRecord[] = [];
  private feed: Feed;
  /** Batches of this epoch, and the sum of their losses; a resumed run goes on within the epoch. */
  private within = { batches: 0, sum: 0, counted: 0 };
  private frozen: number[] = [];
  /** What all processes agreed on, at a batch boundary. */
  private stopped: Stopped | undefined;
  private metrics: Metrics = {};

  constructor(
    readonly module: TrainingModule & BatchSource,
    private readonly options: CheckedOptions,
    private readonly folder: RunFolder,
    callbacks: readonly Callback[],
    observers: readonly Observer[],
    private readonly ranks?: Ranks,
  ) {
    this.checkpoints = folder.checkpoints;
    this.observers = new Observers(observers);
    // A checkpoint holds the others' state of the same moment.
    this.callbacks = [...callbacks].sort((a, b) => Number(!!a.checkpoints) - Number(!!b.checkpoints));
    this.compiled = new Step(module, options, { ranks });
    this.bad = new Bad(module, this.compiled);
    this.maxEpochs = options.maxEpochs;
    this.lr = options.optimizer.lr;
    this.batchSize = options.batchSize;
    this.feed = this.feedFrom();
  }

  async run(): Promise<Run> {
    try {
      await this.signal.listen(this.options.signal);
      this.ranks?.link.onStop((reason) => this.stop(reason as Stopped));
      await this.start();
      while (this.epoch < this.maxEpochs && !this.ending) {
        const trainLoss = await this.trainEpoch();
        if (this.ending) break;
        await this.endEpoch(trainLoss);
        this.stopped = await this.ranks?.agree(this.signal.reason);
      }
      return await this.finish(this.ending ?? "completed");
    } catch (error) {
      await this.call("onException", error);
      throw error;
    } finally {
      this.signal.release();
      await this.feed.close();
      this.compiled.dispose();
    }
  }

  /** Why to end now: several processes only do what all agreed on, so that none waits for another. */
  private get ending(): Stopped | undefined {
    return this.ranks ? this.stopped : this.signal.reason;
  }

  private async start(): Promise<void> {
    const { module, options, ranks } = this;
    const { batchSize, accumulateGradBatches: perStep, overfitBatches, name, resume } = options;
    const batches = overfitBatches || module.trainBatchCount?.(batchSize, ranks?.worldSize);
    this.stepsPerEpoch = options.stepsPerEpoch ?? Math.max(1, Math.floor((batches ?? 0) / perStep));
    if (resume !== undefined) this.restore(resume);
    await ranks?.share([...variablesOf(module).values()]);
    const parameters = module.parameters.reduce((sum, { variable }) => sum + variable.size, 0);
    const { maxEpochs: max_epochs, stepsPerEpoch: steps_per_epoch } = this;
    const facts = { name, folder: this.folder.path, parameters, max_epochs, steps_per_epoch };
    await this.emit({
      event: "fit_start",
      ...facts,
      ...(resume === undefined ? {} : { resumed: this.step }),
    });
    for (const message of await preflight(this.preflight())) await this.warn(message);
    await this.call("onFitStart");
  }

  private preflight() {
    const { module, options, callbacks, compiled, checkpoints } = this;
    const request = { batchSize: this.batchSize, seed: options.seed, pass: 0 };
    const validate = async () => {
      const batches = module.validationBatches?.(request);
      const metrics = batches ? await compiled.validate(batches, 1) : {};
      // Nothing was served: what there will be is not known.
      return batches && Object.keys(metrics ?? {}).length === 0 ? undefined : metrics;
    };
    return { module, callbacks, validate, checkpoints, precision: options.precision };
  }

  /** The base learning rate of this epoch, from the numbers of those before, and the regularizers' lambdas. */
  private rates(): Rates {
    const { optimizer, scheduler } = this.options;
    const losses = this.history.map(({ val_loss, train_loss }) =>
      typeof val_loss === "number" ? val_loss : train_loss,
    );
    const { epoch, maxEpochs } = this;
    this.lr = makeSchedule(scheduler)({ epoch, baseLr: optimizer.lr, maxEpochs, losses });
    return { lr: this.lr, lambdas: this.module.regularization?.lambdas(epoch) ?? [] };
  }

  /** @returns the mean loss of the epoch's batches */
  private async trainEpoch(): Promise<number> {
    const { maxTime, accumulateGradBatches: perStep } = this.options;
    const { within } = this;
    if (within.batches === 0) await this.call("onTrainEpochStart");
    const rates = this.rates();
    const report = new Reporter(this, perStep, this.ranks?.worldSize);
    const last = this.stepsPerEpoch * perStep;
    while (within.batches < last && !this.ending) {
      await this.call("onTrainBatchStart");
      const number = this.feed.position.taken;
      const batch = await this.feed.next();
      const result = await this.compiled.train(
        batch,
        { ...rates, trained: this.frozen },
        number,
        this.signal.reason,
      );
      const stepped = (number + 1) % perStep === 0;
      if (stepped) this.step++;
      within.batches++;
      if (Number.isFinite(result.loss)) {
        within.sum += result.loss;
        within.counted++;
      }
      const ill = await this.bad.look(result, batch);
      if (ill) await this.warn(ill.message);
      if (ill?.diverged) this.stop("diverged");
      this.stopped = result.stop;
      if (maxTime && Date.now() - this.started > maxTime * 1000) this.stop("time");
      await report.add(result, within.batches === last);
      if (stepped) await this.call("onAfterBackward", result);
      await this.call("onTrainBatchEnd", result);
    }
    return within.sum / within.counted;
  }

  /** Validates when it is time, tells, and goes on to the next epoch. */
  private async endEpoch(trainLoss: number): Promise<void> {
    const { options, module, epoch, maxEpochs } = this;
    await this.call("onTrainEpochEnd", trainLoss);
    const time = (epoch + 1) % options.checkValEveryNEpoch === 0 || epoch + 1 === maxEpochs;
    const due = time && options.limitValBatches > 0;
    const found = due ? await this.validationMetrics() : {};
    // Interrupted within validation: a resumed run validates anew.
    if (!found) return;
    const record = { epoch, step: this.step, train_loss: trainLoss, ...found };
    this.history.push(record);
    // From here on a checkpoint is one of the epoch's end.
    this.within = { batches: 0, sum: 0, counted: 0 };
    if (due) {
      this.metrics = { train_loss: trainLoss, ...found };
      if (module.validationBatches) await this.emit({ event: "validation", ...record });
      await this.call("onValidationEnd", this.metrics);
    }
    this.epoch++;
  }

  private async validationMetrics(): Promise<Metrics | undefined> {
    const { module, options, batchSize } = this;
    await this.call("onValidationStart");
    // All of them in each process, which takes its turns.
    const request = { batchSize, seed: options.seed, pass: 0 };
    const batches = module.validationBatches?.(request);
    if (!batches) return {};
    const limit = options.fastDevRun ? 1 : await limitOf(options.limitValBatches, module, request);
    return this.compiled.validate(batches, limit, () => this.ending !== undefined);
  }

  private async finish(stopped: Stopped): Promise<Run> {
    const { step } = this;
    // Weights that are no numbers are not worth keeping; the checkpoint of the last validation stays.
    if (stopped !== "diverged") {
      await this.call("onFitEnd");
      const last = join(this.checkpoints, LAST);
      if (!this.callbacks.some(({ checkpoints }) => checkpoints) && this.save(last)) this.kept.last = last;
    }
    const seconds = (Date.now() - this.started) / 1000;
    const epoch = Math.max(0, Math.min(this.epoch, this.maxEpochs - 1));
    await this.emit({ event: "fit_end", epoch, step, stopped, seconds });
    return new Run(this.module, this.folder.path, stopped, this.history, this.kept, seconds);
  }

  save(path: string): boolean {
    if (this.ranks && this.ranks.rank > 0) return true;
    try {
      const variables = new Map([...variablesOf(this.module), ...this.compiled.state()]);
      saveCheckpoint(path, variables, this.checkpointState(), { finite: true });
      return true;
    } catch (error) {
      const message = `${path} was not written (${(error as Error).message}); the run goes on, earlier checkpoints are whole`;
      void this.warn(message);
      return false;
    }
  }

  /** @param path a checkpoint */
  private restore(path: string): void {
    const { module, compiled, callbacks } = this;
    const state = loadCheckpoint(path, new Map([...variablesOf(module), ...compiled.state()]));
    this.epoch =
      state.within.batches === 0 && state.history.at(-1)?.epoch === state.epoch
        ? state.epoch + 1
        : state.epoch;
    this.step = state.step;
    this.history = [...state.history];
    this.within = { ...state.within };
    this.metrics = state.metrics;
    this.bad.restore(state.bad);
    this.feed = this.feedFrom(state.feed);
    restoreStates(callbacks, state.callbacks);
  }

  private checkpointState(): CheckpointState {
    const { epoch, step, metrics, options, history, within, feed, bad } = this;
    const callbacks = statesOf(this.callbacks);
    const { callbacks: _, signal: __, ...trainer } = options;
    return {
      ...{ format: 1, epoch, step, seed: options.seed, metrics, history, within },
      ...{ feed: { ...feed.position }, bad: bad.state(), callbacks },
      config: { trainer, ...this.module.config },
    };
  }

  private feedFrom(position?: Feed["position"]): Feed {
    const { batchSize, seed, accumulateGradBatches, overfitBatches } = this.options;
    const { rank = 0, worldSize = 1 } = this.ranks ?? {};
    const request = { batchSize, seed, rank, worldSize };
    return new Feed(this.module, request, accumulateGradBatches, overfitBatches, position);
  }

  freeze(frozen: (name: string) => boolean): void {
    const trained = this.module.parameters.map(({ name }) => Number(!frozen(name)));
    this.frozen = trained.includes(0) ? trained : [];
  }

  stop(reason: Stopped): void {
    this.signal.request(reason);
  }

  emit(event: TrainerEvent): Promise<void> {
    return this.observers.tell(event);
  }

  private async warn(message: string): Promise<void> {
    console.warn(message);
    await this.emit({ event: "warning", message });
  }

  private async call(hook: Hook, argument?: number | BatchResult | Metrics | unknown): Promise<void> {
    for (const callback of this.callbacks)
      if (callback[hook])
        await (callback[hook] as (context: FitContext, argument: unknown) => unknown).call(
          callback,
          this,
          argument,
        );
  }
}
