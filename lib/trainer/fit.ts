import { basename, join } from "node:path";
import type { Callback, Drawable, FitContext, KeptCheckpoints } from "../protocols/callback";
import type { EpochRecord, Metrics, Observer, Stopped, TrainerEvent } from "../protocols/events";
import { type BatchSource, parameterCount, type TrainingModule } from "../protocols/module";
import { type BatchIterator, feedOf } from "./batch-iterator";
import { adoptKept, prepareStates } from "./checkpoint/callback-states";
import { endedBy } from "./checkpoint/ended";
import { noteEndOf, restoreFit, saveFit } from "./checkpoint/fit-checkpoint";
import { LAST } from "./checkpoint/resume";
import type { RunFolder } from "./checkpoint/run-folder";
import type { Ended } from "./checkpoint/state";
import { Clock } from "./clock";
import { penaltiesOf } from "./distributed/penalties";
import type { ProcessGroup } from "./distributed/process-group";
import { WholeState } from "./distributed/whole-state";
import { Hooks } from "./hooks";
import { Length } from "./length";
import type { CheckedOptions } from "./options";
import { preflight } from "./preflight";
import { Progress } from "./progress";
import { Reporter } from "./reporter";
import { Run, sharedVariables } from "./run";
import { RunLog } from "./run-log";
import { scheduleOf } from "./schedulers/config";
import type { Schedule } from "./schedulers/schedule";
import { Frozen } from "./step/gradients";
import { NonFiniteGuard } from "./step/non-finite";
import { TrainingStep } from "./step/step";
import { StopSignal } from "./stop";
import { validationMetrics } from "./validation";

/** One fit, from the first batch to the returned run. */
export class Fit implements FitContext {
  maxEpochs: number;
  lr: number;
  readonly batchSize: number;
  readonly rank: number;
  readonly worldSize: number;
  readonly checkpoints: string;
  readonly kept: KeptCheckpoints = {};
  readonly progress = new Progress();
  readonly compiled: TrainingStep;
  readonly guard: NonFiniteGuard;
  readonly whole: WholeState;
  private readonly signal = new StopSignal();
  private readonly hooks: Hooks;
  private readonly frozen: Frozen;
  private readonly schedule: Schedule;
  private readonly clock: Clock;
  private readonly length: Length;
  private readonly runLog: RunLog;
  private feed: BatchIterator;
  /** The reason to stop on which all processes agreed at a batch boundary. */
  private stopped: Stopped | undefined;
  /** The callback that requested the end. */
  private stopper: Callback | undefined;
  /** The reason why the run has ended, for the checkpoints of its end. */
  ended: Ended | undefined;

  constructor(
    readonly module: TrainingModule,
    readonly source: BatchSource,
    readonly options: CheckedOptions,
    private readonly folder: RunFolder,
    callbacks: readonly Callback[],
    observers: readonly Observer[],
    readonly group?: ProcessGroup,
  ) {
    this.checkpoints = folder.checkpoints;
    this.runLog = new RunLog(folder.path);
    this.clock = new Clock(group !== undefined);
    this.hooks = new Hooks(callbacks, observers);
    this.frozen = new Frozen(module.parameters);
    this.compiled = new TrainingStep(module, options, { group });
    this.whole = new WholeState(module, this.compiled.perParameter, group);
    this.guard = new NonFiniteGuard(module, this.compiled, group);
    this.length = new Length(options, source, group?.worldSize);
    this.maxEpochs = this.length.epochs(this.progress, 0);
    if (options.fastDevRun) this.kept.noBest = "`fastDevRun` keeps none; train without it";
    this.lr = options.optimizer.lr;
    this.schedule = scheduleOf(options.scheduler);
    this.batchSize = options.batchSize;
    [this.rank, this.worldSize] = [group?.rank ?? 0, group?.worldSize ?? 1];
    this.feed = feedOf(this);
  }

  get epoch(): number {
    return this.progress.epoch;
  }

  get step(): number {
    return this.progress.step;
  }

  get stepsPerEpoch(): number {
    return this.length.stepsPerEpoch;
  }

  get seconds(): number {
    return this.clock.seconds;
  }

  get callbacks(): readonly Callback[] {
    return this.hooks.callbacks;
  }

  async run(): Promise<Run> {
    try {
      await this.signal.listen(this.options.signal);
      this.group?.client.onStop((reason) => this.stop(reason as Stopped));
      await this.start();
      while (this.epoch < this.maxEpochs && !this.length.reached(this.progress) && !this.ending) {
        await this.trainEpoch();
        if (this.ending) break;
        await this.endEpoch();
        this.stopped = await this.group?.agree(this.signal.reason);
      }
      return await this.finish(this.ending ?? "completed");
    } catch (error) {
      await this.hooks.call("onException", this, error);
      throw error;
    } finally {
      this.signal.release();
      await this.feed.close();
      await this.hooks.call("teardown", this);
      this.compiled.dispose();
    }
  }

  /**
   * The reason to end now. With several processes only an agreed reason counts, because otherwise one process would end
   * while the others wait for it.
   */
  private get ending(): Stopped | undefined {
    return this.group ? this.stopped : this.signal.reason;
  }

  private async start(): Promise<void> {
    const { module, group, hooks, length, progress } = this;
    const { name, resume } = this.options;
    prepareStates(this.callbacks, resume !== undefined, this);
    const warnings = resume === undefined ? [] : this.restore(resume);
    if (group && resume !== undefined) await adoptKept(this.callbacks, group, this);
    this.maxEpochs = length.epochs(progress, this.feed.position.taken);
    await group?.share(sharedVariables(module));
    const { maxEpochs: max_epochs, stepsPerEpoch: steps_per_epoch } = this;
    const max_steps = length.steps(max_epochs, progress);
    const [folder, parameters] = [this.folder.path, parameterCount(module)];
    const facts = { name, folder, parameters, max_epochs, steps_per_epoch, max_steps };
    const resumed = resume === undefined ? {} : { resumed: this.step };
    await this.emit({ event: "fit_start", ...facts, ...resumed });
    for (const message of [...warnings, ...(await preflight(this))]) await hooks.warn(message);
    await hooks.call("onFitStart", this);
  }

  /** Restores a checkpoint. @returns warnings about probable mistakes */
  private restore(checkpoint: string): readonly string[] {
    const { feed, seconds, over, warnings } = restoreFit(checkpoint, this);
    this.feed = feedOf(this, feed);
    this.clock.restore(seconds);
    if (basename(checkpoint) === LAST && this.folder.holds(checkpoint)) this.kept.last = checkpoint;
    if (over) [this.ended, this.stopped] = [over, over.stopped];
    if (over) this.stop(over.stopped);
    return warnings;
  }

  /** Returns the base learning rate of the next step. */
  private nextLr(losses: readonly number[]): number {
    const { epoch, step, maxEpochs, stepsPerEpoch, length, progress, options } = this;
    const maxSteps = length.steps(maxEpochs, progress);
    const at = { epoch, step, maxEpochs, maxSteps, stepsPerEpoch, losses };
    return this.schedule({ ...at, baseLr: options.optimizer.lr });
  }

  private async trainEpoch(): Promise<void> {
    const { progress, hooks, options, source, signal, clock } = this;
    const { maxTime, accumulateGradBatches: perStep } = options;
    const { within } = progress;
    if (within.batches === 0) await hooks.call("onTrainEpochStart", this);
    const validates = source.validationBatches !== undefined && options.limitValBatches > 0;
    const losses = progress.losses(validates ? options.checkValEveryNEpoch : undefined);
    const lambdas = this.module.regularization?.lambdas(this.epoch) ?? [];
    const report = new Reporter(this, perStep);
    const last = this.length.batches(progress, this.feed.position.taken);
    const full = this.batchSize * this.worldSize;
    while (within.batches < last && !this.ending) {
      // A resumed run may start at this point.
      if (this.validationDue) await this.validateWithin();
      if (this.ending) break;
      await hooks.call("onTrainBatchStart", this);
      const number = this.feed.position.taken;
      const batch = await this.feed.next();
      this.lr = this.nextLr(losses);
      const used = { batch, rates: { lr: this.lr, lambdas, trained: this.frozen.trained }, number };
      const result = await this.compiled.train(batch, used.rates, number, signal.reason, clock.own);
      clock.agree(result.seconds);
      const stepped = (number + 1) % perStep === 0;
      progress.add(result.loss, result.samples / full, stepped);
      const ill = await this.guard.look(result, used);
      if (ill) await hooks.warn(ill.message);
      if (ill?.diverged) this.stop("diverged");
      // All processes see that the run diverged at the same batch.
      this.stopped = result.stop ?? (ill?.diverged ? "diverged" : undefined);
      if (maxTime && this.seconds > maxTime) this.stop("time");
      await report.add(result, within.batches === last);
      if (stepped) await hooks.call("onAfterBackward", this, result);
      await hooks.call("onTrainBatchEnd", this, result);
    }
  }

  /** Whether a validation is due after the batches so far and has not been done yet. */
  private get validationDue(): boolean {
    return this.length.validates(this.progress, this.feed.position.taken);
  }

  /** Validates in the middle of an epoch. */
  private async validateWithin(): Promise<void> {
    const { progress } = this;
    const found = await this.validationMetrics();
    if (found) await this.reportValidation(found, progress.recordValidation(found));
    this.stopped = await this.group?.agree(this.signal.reason);
  }

  /** Validates if it is due, reports, and moves to the next epoch. */
  private async endEpoch(): Promise<void> {
    const { options, epoch, maxEpochs, progress, length, hooks } = this;
    await hooks.call("onTrainEpochEnd", this, progress.trainLoss);
    const last = epoch + 1 === maxEpochs || length.reached(progress);
    const due = this.validationDue || (last && options.limitValBatches > 0);
    const found = due ? await this.validationMetrics() : {};
    // The validation was interrupted; a resumed run repeats it.
    if (!found) return;
    const record = progress.endEpoch({ ...found, ...(await penaltiesOf(this.module, epoch, this.group)) });
    if (due) await this.reportValidation(found, record);
    progress.epoch++;
  }

  private async reportValidation(found: Metrics, record: EpochRecord): Promise<void> {
    const { progress, source, hooks } = this;
    progress.metrics = { train_loss: record.train_loss, ...found };
    if (source.validationBatches) await this.emit({ event: "validation", ...record });
    await hooks.call("onValidationEnd", this, progress.metrics);
  }

  private async validationMetrics(): Promise<Metrics | undefined> {
    await this.hooks.call("onValidationStart", this);
    return validationMetrics(this, () => this.ending !== undefined);
  }

  private async finish(stopped: Stopped): Promise<Run> {
    const { step, progress, hooks } = this;
    this.ended ??= endedBy(stopped, this.stopper, this.callbacks);
    // Diverged weights are not saved. The checkpoint of the last validation is kept.
    if (stopped !== "diverged") {
      await hooks.call("onFitEnd", this);
      const last = join(this.checkpoints, LAST);
      if (!this.callbacks.some(({ checkpoints }) => checkpoints) && this.save(last)) this.kept.last = last;
    }
    const problem = this.ended && this.rank === 0 ? noteEndOf(this, this.ended) : undefined;
    if (problem) await hooks.warn(problem);
    const { ofFit: seconds } = this.clock;
    const epoch = Math.max(0, Math.min(this.epoch, this.maxEpochs - 1));
    await this.emit({ event: "fit_end", epoch, step, stopped, seconds });
    return new Run(this.module, this.folder.path, stopped, progress.history, this.kept, seconds);
  }

  save(path: string): boolean {
    const problem = saveFit(path, this, this.feed.position);
    if (problem) void this.hooks.warn(problem);
    return this.whole.haveAll(!problem);
  }

  freeze(by: object, frozen: (name: string) => boolean): void {
    this.frozen.ask(by, frozen);
  }

  stop(reason: Stopped): void {
    if (!this.signal.reason) this.stopper = this.hooks.running;
    this.signal.request(reason);
  }

  async log(name: string, value: number | Drawable): Promise<void> {
    if (this.rank > 0) return;
    await this.runLog.log(this, name, value);
  }

  async gather(own: unknown): Promise<unknown[]> {
    return this.group?.exchange(own) ?? [JSON.parse(JSON.stringify(own))];
  }

  async emit(event: TrainerEvent): Promise<void> {
    this.runLog.note(event);
    return this.hooks.emit(event);
  }
}
