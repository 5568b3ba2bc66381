import { tf, valuesOf } from "../engine";
import { type Loss, type LossPart, lossOf } from "../losses/parts";
import { type Mode, type Parameter, scoped, type Weights } from "../nn";
import { lookUp } from "../nn/parameter";
import { locatedBy } from "../nn/shape";
import type { ModelBatch } from "./batch";
import type { ModelConfig } from "./config";
import type {
  ApplyOptions,
  ModelInput,
  ModelOutputs,
  ModelPlan,
  StageName,
  StageSummary,
  StageTap,
} from "./planned";
import { type ResolvedRegularizer, replacesDecay, resolveRegularizers } from "./regularizers/config";
import { Regularization } from "./regularizers/regularization";
import { AllUnits } from "./unit-columns";
import { unitParameters } from "./unit-parameters";
import {
  type ModelWeight,
  outlinesOf,
  parameterOf,
  renumbered,
  WEIGHT_PREFIXES,
  type WeightedPart,
} from "./weights";

/** One row of `Model.summary`, for a whole batch. */
export interface SummaryRow extends StageSummary {
  /** The output shape, with the batch axis first. */
  readonly outputShape: readonly number[];
  /**
   * The approximate memory of a training step: the layers' outputs, and for each parameter its value, gradient and two moments.
   * TensorFlow needs additional working memory.
   */
  readonly bytes: number;
}

const BYTES = 4;
/** The number of copies of a parameter: value, gradient, and the optimizer's two moments. */
const COPIES = 4;

/** An effective convolution kernel, with window and weight norm applied. */
export interface SpatialKernel {
  /** The layer, such as `convnet.layers.0.main.conv`. */
  readonly name: string;
  /** `[time, height, width, in, out]` */
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** The position that a unit looks at. */
export interface ReadoutPosition {
  readonly dataset: number;
  /** The unit's number in its session. */
  readonly unit: number;
  /** The row and column of the core's output, starting at 0; may lie between pixels. */
  readonly y: number;
  readonly x: number;
  /** The same position as row and column of the stimulus. */
  readonly stimulusY: number;
  readonly stimulusX: number;
}

/** The outline at one standard deviation around a unit's position, as rows and columns of the stimulus, starting at 0. */
export interface ReadoutOutline {
  readonly dataset: number;
  readonly y: readonly number[];
  readonly x: readonly number[];
}

/** A model with weights: one core, and one readout per session. N is the total number of units of all sessions. */
export class Model {
  /** All trained tensors: the sessions' adapters, the core, the sessions' readouts and baselines. */
  parameters: readonly Parameter[] = [];
  /** Tensors that are saved but not trained, such as gains that are fixed at 1. */
  state: readonly Parameter[] = [];
  /** The session of each of the N units. */
  readonly unitDataset: Int32Array;
  /** Whether `forward` returns the logarithm of the rate (`output_activation: none`). */
  readonly logRate: boolean;
  /** The penalties on weights that are added to the loss, and the constraints on weights after a step. */
  regularization!: Regularization;
  /** The loss of the configuration. */
  readonly loss: Loss;
  /** The loss of the configuration with its facts. */
  readonly lossPart: LossPart;
  private readonly regularizers: readonly ResolvedRegularizer[];
  private readonly frozenStages = new Set<StageName>();

  /** @internal Use `buildModel`. */
  constructor(
    /** The checked configuration. */
    readonly config: ModelConfig,
    /** The sizes of the input and of the sessions. */
    readonly input: ModelInput,
    /** @internal */
    readonly plan: ModelPlan,
    private readonly variables: ReadonlyMap<string, tf.Variable>,
    private readonly where: string,
    private readonly numbers: readonly number[] = input.units.map((_, session) => session),
  ) {
    this.regularizers = resolveRegularizers(config.regularization, where);
    this.lossPart = lossOf(config.loss, { where, path: "loss" });
    this.loss = this.lossPart.loss;
    this.sort();
    this.unitDataset = Int32Array.from(input.units.flatMap((n, session) => Array<number>(n).fill(session)));
    this.logRate = config.output_activation === "none";
  }

  /**
   * Computes the rates of all units for all samples, `[B, N]`, in the order of sessions, in spikes per bin or as their logarithm
   * (`logRate`). Rates of units of other sessions are computed too; a loss must mask them. Uses only tfjs ops, so that it can be compiled.
   *
   * @param batch `history`, if the model reads it, is `[B, lags, N]`
   * @param tap receives, and may replace, the output of each stage between stimulus and readout. Default: none
   */
  forward(batch: ModelBatch, mode: Mode, tap?: StageTap): tf.Tensor2D {
    return tf.tidy(() => this.run(batch, mode, { unitsOf: "all", ...(tap ? { tap } : {}) }).rate);
  }

  /** Computes the rates as `forward`, and the modulator's auxiliary loss. */
  outputs(batch: ModelBatch, mode: Mode): ModelOutputs {
    return tf.tidy(() => this.run(batch, mode, { unitsOf: "all" }) as ModelOutputs & tf.TensorContainer);
  }

  /**
   * Computes the rates of the units of each sample's session, `[B, U]`, where U is the largest number of units of a session: column u is
   * unit u of the sample's session, and columns beyond the session's units have arbitrary finite values. Time and memory follow the
   * units that the samples have, so it is the function for training with several sessions. Traced.
   *
   * @param batch needs `dataset` for several sessions; `history`, if the model reads it, is `[B, lags, U]`
   */
  ownOutputs(batch: ModelBatch, mode: Mode): ModelOutputs {
    return tf.tidy(() => this.run(batch, mode, { unitsOf: "own" }) as ModelOutputs & tf.TensorContainer);
  }

  /** Returns the probability that a bin of each unit is silent at any rate, `[N]`; undefined for losses without it. Traced. */
  silentShare(): tf.Tensor1D | undefined {
    const { units } = this.input;
    const { unitParameters: names } = this.lossPart;
    const { silent } = unitParameters(names, units.length, new AllUnits(units), lookUp(this.variables));
    return silent && tf.squeeze(silent, [0]);
  }

  private weightsOf(part: WeightedPart): Weights {
    return scoped(lookUp(this.variables), WEIGHT_PREFIXES[part]);
  }

  private run(batch: ModelBatch, mode: Mode, how: ApplyOptions): ModelOutputs {
    return this.plan.apply(batch, lookUp(this.variables), mode, { frozen: this.frozenStages, ...how });
  }

  /**
   * Freezes the weights of stages: they become state, and weight decay, regularizers and running statistics do not change them.
   */
  freeze(stages: Iterable<StageName>): void {
    for (const stage of stages) this.frozenStages.add(stage);
    this.sort();
  }

  /** Whether a weight of this model, or of one with the same stages, is trained. @internal */
  trains({ trained = true, part }: Pick<ModelWeight, "trained" | "part">): boolean {
    return trained && !this.frozenStages.has(part as StageName);
  }

  /** Divides the variables into trained parameters and state. */
  private sort(): void {
    const { regularizers, plan, numbers } = this;
    const get = lookUp(this.variables);
    const all = plan.weights.map((weight) => ({
      parameter: parameterOf(renumbered(weight, numbers), get(weight.name)),
      trained: this.trains(weight),
    }));
    this.parameters = all
      .filter(({ trained }) => trained)
      .map(({ parameter: p }) => (replacesDecay(regularizers, p.name) ? { ...p, decay: false } : p));
    this.state = all.filter(({ trained }) => !trained).map(({ parameter }) => parameter);
    this.regularization = new Regularization(regularizers, this.parameters, this.where);
  }

  /** Returns table rows with each stage's output shape for a batch, trained parameters, operations of a forward pass, and memory. */
  summary(batchSize: number): SummaryRow[] {
    return this.plan.stages.map((row) => ({
      ...row,
      outputShape: [batchSize, ...row.outputShape],
      flops: batchSize * row.flops,
      kept: batchSize * row.kept,
      bytes: BYTES * (batchSize * row.kept + COPIES * row.parameters),
    }));
  }

  /** Returns the effective temporal kernels, one series per channel, oldest tap first; empty for a frontend without them. */
  temporalKernels(): number[][] {
    const { frontend } = this.plan;
    if (!frontend.temporalKernels) return [];
    const get = this.weightsOf("frontend");
    const kernels = tf.tidy(() => tf.transpose(frontend.temporalKernels!(get)));
    const rows = kernels.arraySync() as number[][];
    kernels.dispose();
    return rows;
  }

  /** Returns the effective spatial kernels of frontend and convnet. */
  spatialKernels(): SpatialKernel[] {
    const get = lookUp(this.variables);
    const spatial = this.plan.kernels.filter(({ shape }) => shape[1]! * shape[2]! > 1);
    return spatial.map(({ name, shape, effective }) => ({
      name,
      shape,
      values: valuesOf(() => effective(get)),
    }));
  }

  /** Returns the feature weights of each session's units, `[channels, units]`; empty for readouts without them. */
  readoutFeatures(): { channels: number; units: number; weights: Float32Array }[] {
    const { readouts } = this.plan;
    if (!readouts.features) return [];
    const parts = tf.tidy(() =>
      tf.split(readouts.features!(this.weightsOf("readout")), [...this.input.units], 1),
    );
    const features = parts.map((part) => ({
      channels: part.shape[0]!,
      units: part.shape[1]!,
      weights: part.dataSync<"float32">(),
    }));
    tf.dispose(parts);
    return features;
  }

  /** Returns a closed outline around each unit's position; empty for readouts without positions. */
  readoutOutlines(): ReadoutOutline[] {
    const { readouts, core } = this.plan;
    if (!readouts.masks) return [];
    const masks = tf.tidy(() => readouts.masks!.apply(this.weightsOf("readout")));
    const points = outlinesOf(masks.dataSync(), core).map((ofUnits) => {
      const places = tf.tidy(() => this.onStimulus(tf.tensor2d(ofUnits)));
      const rows = places.arraySync() as [number, number][];
      places.dispose();
      return rows;
    });
    masks.dispose();
    return Array.from(this.unitDataset, (dataset, unit) => ({
      dataset,
      y: points.map((ofUnits) => ofUnits[unit]![0]),
      x: points.map((ofUnits) => ofUnits[unit]![1]),
    }));
  }

  /** Returns the units' positions; empty for readouts without positions. */
  readoutPositions(): ReadoutPosition[] {
    const { readouts, core } = this.plan;
    if (!readouts.masks) return [];
    const get = this.weightsOf("readout");
    const centre = [(core.height - 1) / 2, (core.width - 1) / 2];
    const places = tf.tidy(() => {
      const means = readouts.masks!.means(get);
      const onCore = tf.add<tf.Tensor2D>(means, centre);
      return tf.concat([onCore, this.onStimulus(onCore)], 1);
    });
    const rows = places.arraySync() as [number, number, number, number][];
    places.dispose();
    const first = new Map<number, number>();
    return rows.map(([y, x, stimulusY, stimulusX], i) => {
      const dataset = this.unitDataset[i]!;
      if (!first.has(dataset)) first.set(dataset, i);
      return { dataset, unit: i - first.get(dataset)!, y, x, stimulusY, stimulusX };
    });
  }

  /** Maps each unit's position on the core's output to the stimulus: (y, x), `[N, 2]`. */
  private onStimulus(onCore: tf.Tensor2D): tf.Tensor2D {
    const { adapter, geometry, adapted } = this.plan;
    if (!adapter.locate) return locatedBy(geometry, onCore);
    return adapter.locate(
      locatedBy(adapted, onCore),
      tf.tensor1d(this.unitDataset, "int32"),
      this.weightsOf("adapter"),
    );
  }

  /** Returns the variable of a weight of `plan`. @throws Error for an unknown name */
  variable(name: string): tf.Variable {
    return lookUp(this.variables)(name);
  }

  /** Frees the tensors. The object cannot be used afterwards. */
  dispose(): void {
    for (const variable of this.variables.values()) variable.dispose();
  }
}
