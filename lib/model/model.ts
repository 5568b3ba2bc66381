import { tf } from "../engine";
import { type Loss, lossOf } from "../losses/counts";
import { type Geometry, lookUp, type Mode, type Parameter, scoped, type Weights } from "../nn";
import type { ModelBatch } from "./batch";
import type { ModelConfig } from "./config";
import { outlinesOf } from "./outlines";
import type { ModelInput, ModelOutputs, ModelPlan, StageName, StageSummary } from "./planned";
import { type ResolvedRegularizer, replacesDecay, resolveRegularizers } from "./regularizers/config";
import { Regularization } from "./regularizers/regularization";
import { parameterOf, WEIGHT_PREFIXES, type WeightedPart } from "./weights";
import { silentShare } from "./zero-inflation";

/** One row of `Model.summary`, for a whole batch. */
export interface SummaryRow extends StageSummary {
  /** With the batch first. */
  readonly outputShape: readonly number[];
  /**
   * About so much memory takes a training step: what layers put out, and of each parameter its value, gradient and two
   * moments. TensorFlow needs room to work beside it.
   */
  readonly bytes: number;
}

const BYTES = 4;
/** Value, gradient, and the optimizer's two moments. */
const COPIES = 4;

/** A convolution kernel as it acts, window and weight norm included. */
export interface SpatialKernel {
  /** The layer, such as `convnet.layers.0.main.conv`. */
  readonly name: string;
  /** `[time, height, width, in, out]` */
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Where a unit looks. */
export interface ReadoutPosition {
  readonly dataset: number;
  /** The unit's number in its session. */
  readonly unit: number;
  /** Row and column of the core's output, 0 its first; between pixels too. */
  readonly y: number;
  readonly x: number;
  /** The same place as row and column of the stimulus. */
  readonly stimulusY: number;
  readonly stimulusX: number;
}

/** One standard deviation around a unit's place, as rows and columns of the stimulus, 0 the first. */
export interface ReadoutOutline {
  readonly dataset: number;
  readonly y: readonly number[];
  readonly x: readonly number[];
}

/** A model with weights: one core, and one readout per session. N is the number of all sessions' units. */
export class Model {
  /** All trained tensors: the sessions' adapters, the core, the sessions' readouts and baselines. */
  parameters: readonly Parameter[] = [];
  /** Tensors that are saved but not trained, such as gains that are held at 1. */
  state: readonly Parameter[] = [];
  /** The session of each of the N units. */
  readonly unitDataset: Int32Array;
  /** Whether `forward` gives the logarithm of the rate (`output_activation: none`). */
  readonly logRate: boolean;
  /** What is added to the loss for the weights' sake, and what weights are held to after a step. */
  regularization!: Regularization;
  /** The loss of the configuration. */
  readonly loss: Loss;
  private readonly regularizers: readonly ResolvedRegularizer[];
  private readonly frozenStages = new Set<StageName>();

  constructor(
    readonly config: ModelConfig,
    readonly input: ModelInput,
    readonly plan: ModelPlan,
    private readonly variables: ReadonlyMap<string, tf.Variable>,
    where: string,
  ) {
    this.regularizers = resolveRegularizers(config.regularization, where);
    this.loss = lossOf(config.loss, { where, path: "loss" });
    this.sort();
    this.unitDataset = Int32Array.from(input.units.flatMap((n, session) => Array<number>(n).fill(session)));
    this.logRate = config.output_activation === "none";
  }

  /**
   * The rates of all units for all samples, `[B, N]`, sessions in order; spikes per bin, or their logarithm (`logRate`).
   * A sample's rates for units of other sessions are computed too, to be masked. Pure tfjs: it compiles.
   */
  forward(batch: ModelBatch, mode: Mode): tf.Tensor2D {
    return tf.tidy(() => this.run(batch, mode).rate);
  }

  /** As `forward`, with the modulator's auxiliary loss. */
  outputs(batch: ModelBatch, mode: Mode): ModelOutputs {
    return tf.tidy(() => this.run(batch, mode) as ModelOutputs & tf.TensorContainer);
  }

  /** How likely a bin of each unit is silent whatever the rate, `[N]`; undefined with a loss that has no such. Traced. */
  silentShare(): tf.Tensor1D | undefined {
    if (this.config.loss !== "zero_inflated_poisson") return undefined;
    return silentShare(this.input.units.length, this.weightsOf("zero_inflation"));
  }

  private weightsOf(part: WeightedPart): Weights {
    return scoped(lookUp(this.variables), WEIGHT_PREFIXES[part]);
  }

  private run(batch: ModelBatch, mode: Mode): ModelOutputs {
    return this.plan.apply(batch, lookUp(this.variables), mode, this.frozenStages);
  }

  /**
   * Takes stages' weights out of the training: they become state, weight decay, regularizers and running statistics leave
   * them alone.
   */
  freeze(stages: Iterable<StageName>): void {
    for (const stage of stages) this.frozenStages.add(stage);
    this.sort();
  }

  /** Sorts the variables into those that are trained and those that are not. */
  private sort(): void {
    const { regularizers, frozenStages, plan } = this;
    const get = lookUp(this.variables);
    const all = plan.weights.map((weight) => ({
      parameter: parameterOf(weight, get(weight.name)),
      trained: (weight.trained ?? true) && !frozenStages.has(weight.part as StageName),
    }));
    this.parameters = all
      .filter(({ trained }) => trained)
      .map(({ parameter: p }) => (replacesDecay(regularizers, p.name) ? { ...p, decay: false } : p));
    this.state = all.filter(({ trained }) => !trained).map(({ parameter }) => parameter);
    this.regularization = new Regularization(regularizers, this.parameters);
  }

  /** Rows for a table: each stage's output for a batch, trained parameters, operations of a forward pass, memory. */
  summary(batchSize: number): SummaryRow[] {
    return this.plan.stages.map((row) => ({
      ...row,
      outputShape: [batchSize, ...row.outputShape],
      flops: batchSize * row.flops,
      kept: batchSize * row.kept,
      bytes: BYTES * (batchSize * row.kept + COPIES * row.parameters),
    }));
  }

  /** The temporal kernels that act, one series per channel, oldest tap first; empty for a frontend without. */
  temporalKernels(): number[][] {
    const { frontend } = this.plan;
    if (!frontend.temporalKernels) return [];
    const get = this.weightsOf("frontend");
    const kernels = tf.tidy(() => tf.transpose(frontend.temporalKernels!(get)));
    const rows = kernels.arraySync() as number[][];
    kernels.dispose();
    return rows;
  }

  /** The kernels over space that act, of frontend and convnet. */
  spatialKernels(): SpatialKernel[] {
    const get = lookUp(this.variables);
    const spatial = this.plan.kernels.filter(({ shape }) => shape[1]! * shape[2]! > 1);
    return spatial.map(({ name, shape, effective }) => ({
      name,
      shape,
      values: tf.tidy(() => effective(get).dataSync<"float32">()),
    }));
  }

  /** A closed line around where each unit looks; empty for readouts that look everywhere. */
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

  /** Where the units look; empty for readouts that look everywhere. */
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

  /** Places of the core's output, one of each unit, on the stimulus: (y, x), `[N, 2]`. */
  private onStimulus(onCore: tf.Tensor2D): tf.Tensor2D {
    const { adapter, geometry, adapted } = this.plan;
    const through = ({ y, x }: Geometry) =>
      tf.add<tf.Tensor2D>(tf.mul(onCore, [y.scale, x.scale]), [y.offset, x.offset]);
    if (!adapter.locate) return through(geometry);
    return adapter.locate(
      through(adapted),
      tf.tensor1d(this.unitDataset, "int32"),
      this.weightsOf("adapter"),
    );
  }

  /** The variable of a parameter or of state. @throws Error when there is none of that name */
  variable(name: string): tf.Variable {
    return lookUp(this.variables)(name);
  }

  dispose(): void {
    for (const variable of this.variables.values()) variable.dispose();
  }
}
