import { type Compiled, type CompileOptions, compile, StatelessRng, tf } from "../../engine";
import { bfloat16Problem } from "../../engine/precision";
import type { Stopped } from "../../protocols/events";
import {
  type Batch,
  type Batches,
  isOwn,
  type NamedVariables,
  type TracedBatch,
  type TrainedParameter,
  type TrainingModule,
} from "../../protocols/module";
import type { ProcessGroup } from "../distributed/process-group";
import { normOverProcesses, sumOverProcesses } from "../distributed/sum-over-processes";
import { makeOptimizer } from "../optim/config";
import type { OptimizerReport, OptimizerVariable, StepOptimizer } from "../optim/optimizer";
import type { CheckedOptions } from "../options";
import { Accumulated } from "./accumulated";
import { batchGradients, parametersOf } from "./gradients";
import { keepFinite, masked, skipped } from "./guard";
import { toTensors } from "./to-tensors";
import { Scores, type Scoring, ValidationSums } from "./validation-sums";

/** The numbers of an epoch that a training step needs. */
export interface Rates {
  /** The head's learning rate. */
  readonly lr: number;
  /** Lambda of each regularizer. */
  readonly lambdas: readonly number[];
  /** 0 for each frozen parameter, else 1; empty if no parameter is frozen. */
  readonly trained?: readonly number[];
}

interface TrainInputs {
  batch: TracedBatch;
  lr: tf.Scalar;
  lambdas: tf.Scalar[];
  /** The number of the batch, which determines its random numbers. */
  number: tf.Scalar;
  trained: tf.Scalar[];
  /** The reason to stop, to be summed over the processes; empty for a single process. */
  stopRequests: tf.Tensor1D[];
}

interface TrainResults {
  /**
   * The loss, the gradient norm, whether the step was taken, the number of samples, the penalty, and for each dataset its
   * loss and presence: `[5 + 2 D]`, read back together.
   */
  report: tf.Tensor1D;
  /** The numbers of each metric, with a row for each process. */
  measured: tf.Tensor[];
  stopRequests: tf.Tensor[];
}

/** The result of a step of all processes. */
export interface StepResult {
  /** The loss before the step, without the regularizers' penalties. */
  readonly loss: number;
  /** The regularizers' penalties, which were added to the loss; 0 without any. */
  readonly penalty: number;
  /** The norm of all gradients together, before clipping; for an accumulated step, the norm of the mean gradient. */
  readonly gradientNorm: number;
  /** False when a gradient was not finite and nothing was changed. */
  readonly finite: boolean;
  readonly metrics: Readonly<Record<string, number>>;
  /** The number of samples of all processes. */
  readonly samples: number;
  /** The numbers from which `metrics` are computed, for each process. */
  readonly measured: { readonly scorings: readonly Scoring[]; readonly batches: readonly Float32Array[][] };
  /** The loss of each dataset, if the module reports them; undefined for a dataset that is not in the batch. */
  readonly datasetLoss: readonly (number | undefined)[];
  /** The reason for which any process requests a stop; undefined for none. */
  readonly stop: Stopped | undefined;
  /** The seconds of the first process's clock. */
  readonly seconds: number;
}

/** The options of `TrainingStep`. */
export interface StepOptions extends Pick<CompileOptions, "compile"> {
  /** The processes that train together. Default: only this one. */
  group?: ProcessGroup | undefined;
  /** The instruction sets of the CPU. Default: those that the system reports. */
  flags?: ReadonlySet<string>;
}

/** The distance between the seeds of processes, so that each draws its own dropout. */
const SEEDS_APART = 2 ** 20;

/** The compiled steps of a fit: one trains on a batch, the other adds up a batch's validation sums. */
export class TrainingStep {
  private readonly optimizer: StepOptimizer;
  private readonly accumulated: Accumulated;
  /** Two variants: one only accumulates gradients, the other also takes the step. */
  private readonly collect: Compiled<[TrainInputs], TrainResults>;
  private readonly take: Compiled<[TrainInputs], TrainResults>;
  private readonly validation: ValidationSums;
  private readonly group: ProcessGroup | undefined;
  private scorings: readonly Scoring[] = [];
  /** The names of the variables of the parameters that all processes have. */
  private readonly shared: ReadonlySet<string>;
  /** The state that all processes have. */
  private readonly sharedState: readonly tf.Variable[];
  /** The reason why it computes in float32 although `bf16-mixed` was requested; undefined when it does not. */
  readonly precisionProblem: string | undefined;
  /** The options with which its functions are compiled, for functions that must compute the same results. */
  readonly compiling: CompileOptions;

  /** @param how `compile: false` runs the steps op by op */
  constructor(
    private readonly module: TrainingModule,
    private readonly options: CheckedOptions,
    { group, flags, ...how }: StepOptions = {},
  ) {
    this.group = group;
    const variablesOfAll = (list: readonly TrainedParameter[]) =>
      list.filter((each) => !isOwn(module, each)).map(({ variable }) => variable);
    this.shared = new Set(variablesOfAll(module.parameters).map(({ name }) => name));
    this.sharedState = variablesOfAll(module.state ?? []);
    const parameters = parametersOf(module);
    this.optimizer = makeOptimizer(options.optimizer, parameters, options);
    this.accumulated = new Accumulated(parameters, options.accumulateGradBatches);
    const lower = options.precision === "bf16-mixed";
    this.precisionProblem = lower ? bfloat16Problem(flags) : undefined;
    const precision = lower && !this.precisionProblem ? ("bf16-mixed" as const) : ("32-true" as const);
    this.compiling = { ...how, precision };
    const compiling = { ...this.compiling, name: "training step" };
    const step = (what: "collect" | "take") =>
      compile((inputs: TrainInputs) => this.trace(inputs, what), compiling);
    [this.collect, this.take] = [step("collect"), step("take")];
    this.validation = new ValidationSums(module, this.compiling, group);
  }

  private trace({ stopRequests, ...inputs }: TrainInputs, what: "collect" | "take"): TrainResults {
    const { module, group } = this;
    const { batch, lambdas, number } = inputs;
    const variables = (module.state ?? []).map(({ variable }) => variable);
    const before = variables.map((variable) => tf.clone(variable));
    const own = batchGradients(module, { batch, lambdas, rng: this.drawsOf(number), group });
    const { present, samples, penalty, datasetLoss, measured } = own;
    this.scorings = own.scorings;
    const totals = tf.concat1d([tf.stack([samples, penalty]) as tf.Tensor1D, datasetLoss]);
    const mine = { loss: own.loss, totals, measured };
    const { shared, sharedState } = this;
    const all = group
      ? sumOverProcesses(group, { ...mine, grads: pick(own.grads, shared), stopRequests, state: sharedState })
      : undefined;
    const { loss } = all ?? mine;
    const grads = { ...own.grads, ...all?.grads };
    // Gradients can be finite even when the loss is not. The batch is skipped anyway.
    const usable = tf.cast(tf.isFinite(loss), "float32") as tf.Scalar;
    keepFinite(variables, before, usable);
    const { globalNorm, finite } = this.update({ grads, present, usable }, inputs, what);
    const facts = [loss, globalNorm, finite].map((each) => tf.reshape(each, [1]) as tf.Tensor1D);
    // A module that reports its datasets' losses, but not which datasets are present, has all of them.
    const { size } = datasetLoss;
    const there = present.size === size ? present : (tf.ones([size]) as tf.Tensor1D);
    const report = tf.concat1d([...facts, all?.totals ?? totals, there]);
    tf.dispose([present, samples, penalty, datasetLoss]);
    const rows = all?.measured ?? measured.map((each) => tf.expandDims(each));
    return { report, stopRequests: all?.stopRequests ?? [], measured: rows };
  }

  /** Accumulates the gradients of all processes, and takes the optimizer's step. Traced. */
  private update(
    { grads, present, usable }: { grads: tf.NamedTensorMap; present: tf.Tensor1D; usable: tf.Scalar },
    { lr, lambdas, trained }: Pick<TrainInputs, "lr" | "lambdas" | "trained">,
    what: "collect" | "take",
  ): OptimizerReport {
    const { module, group, optimizer, accumulated, shared } = this;
    const learning = masked(module, accumulated.state.length > 0 ? skipped(grads, usable) : grads, trained);
    const presence = tf.mul(optimizer.presenceOf(present), usable) as tf.Tensor1D;
    const learns = trained.length > 0 ? (tf.mul(presence, tf.stack(trained)) as tf.Tensor1D) : presence;
    const take = what === "take";
    const summed = accumulated.add({ grads: learning, present: learns }, take);
    const constraints = module.regularization?.constraints(lambdas);
    const norm =
      take && group && module.shard ? { globalNorm: normOverProcesses(group, summed.grads, shared) } : {};
    const { globalNorm, finite } = take
      ? optimizer.updatePresent({ ...summed, lr, ...(constraints ? { constraints } : {}), ...norm })
      : { globalNorm: tf.scalar(0), finite: tf.scalar(1) };
    return { globalNorm, finite: tf.mul(finite, usable) };
  }

  /** Returns the random numbers of a batch; each process draws its own. Traced. */
  drawsOf(number: tf.Scalar): StatelessRng {
    const { rank = 0 } = this.group ?? {};
    return new StatelessRng(this.options.seed + rank * SEEDS_APART, number);
  }

  /**
   * Trains on one batch: takes an optimizer step, or with `accumulateGradBatches` adds to the gradients of the next
   * one.
   *
   * @param number the number of the batch since training began, which determines random numbers such as those of
   * dropout
   * @param stopRequest the reason for which this process requests a stop. Default: none
   * @param seconds the seconds of this process's clock. Default 0
   */
  async train(
    batch: Batch,
    rates: Rates,
    number: number,
    stopRequest?: Stopped,
    seconds = 0,
  ): Promise<StepResult> {
    const { group, options } = this;
    const { tensors, made } = toTensors(batch);
    const mine = group ? [tf.tensor1d([...group.stopRequestOf(stopRequest), group.clockOf(seconds)])] : [];
    group?.client.moved(number, "waiting");
    const take = (number + 1) % options.accumulateGradBatches === 0;
    const run = take ? this.take : this.collect;
    const { lr, lambdas, trained = [] } = rates;
    const inputs = { lr, lambdas: [...lambdas], trained: [...trained], number, stopRequests: mine };
    const results = await run({ batch: tensors, ...inputs });
    const [loss, gradientNorm, finite, samples, penalty, ...ofDatasets] = results.report.dataSync();
    const batches = batchesOf(results.measured);
    const requests = results.stopRequests[0]?.dataSync();
    const stop = requests ? group!.agreed(requests) : stopRequest;
    const clock = requests?.at(-1) ?? seconds;
    tf.dispose([results.report, ...results.measured, ...results.stopRequests, ...mine, ...made]);
    group?.client.moved(number + 1, "working");
    const { scorings } = this;
    const scores = new Scores();
    scores.expect(scorings);
    for (const batch of batches) scores.add(batch);
    const datasets = ofDatasets.length / 2;
    const datasetLoss = ofDatasets
      .slice(0, datasets)
      .map((each, i) => (ofDatasets[datasets + i]! > 0 ? each : undefined));
    return {
      loss: loss!,
      penalty: penalty!,
      gradientNorm: gradientNorm!,
      finite: finite! > 0,
      samples: samples!,
      metrics: scores.values(""),
      measured: { scorings, batches },
      datasetLoss,
      stop,
      seconds: clock,
    };
  }

  /** Returns the function that computes the sums of validation batches, and the one that computes their scores. */
  validate(batches: Batches, limit?: number, ending?: () => boolean) {
    return this.validation.of(batches, limit, ending);
  }

  /** The optimizer's variables and the accumulated gradients, by their names in a checkpoint. */
  state(): NamedVariables {
    const { state } = this.optimizer;
    return new Map([
      ...state.map(({ name, variable }) => [`optimizer.${name}`, variable] as const),
      ...this.accumulated.state.map(({ name, variable }) => [`accumulated.${name}`, variable] as const),
    ]);
  }

  /** The names in `state` of variables with one number for each parameter. */
  get perParameter(): ReadonlySet<string> {
    const named = (prefix: string, state: readonly OptimizerVariable[]) =>
      state.filter(({ perParameter }) => perParameter).map(({ name }) => `${prefix}.${name}`);
    return new Set([
      ...named("optimizer", this.optimizer.state),
      ...named("accumulated", this.accumulated.state),
    ]);
  }

  /** Drops accumulated gradients. */
  dropAccumulated(): void {
    this.accumulated.reset();
  }

  dispose(): void {
    this.collect.dispose();
    this.take.dispose();
    this.validation.dispose();
    this.optimizer.dispose();
    this.accumulated.dispose();
  }
}

const pick = (grads: tf.NamedTensorMap, names: ReadonlySet<string>): tf.NamedTensorMap =>
  Object.fromEntries(Object.entries(grads).filter(([name]) => names.has(name)));

/** Converts the numbers of each metric in each process, `[metric][W, ...]`, to batches, `[process][metric]`. */
function batchesOf(measured: readonly tf.Tensor[]): Float32Array[][] {
  const [first] = measured;
  if (!first) return [];
  const values = measured.map((rows) => rows.dataSync() as Float32Array);
  return Array.from({ length: first.shape[0]! }, (_, r) =>
    values.map((rows) => {
      const length = rows.length / first.shape[0]!;
      return rows.subarray(r * length, (r + 1) * length);
    }),
  );
}
