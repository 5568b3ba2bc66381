import { tf } from "../engine";
import { lookUp, type Parameter, parameterOf } from "../nn";
import type { ModelConfig } from "./config";
import type { ModelInput, ModelPlan, StageSummary } from "./plan";

/** What the model sees of a batch. */
export interface ModelBatch {
  /** `[B, lags, height, width, 1]`, float32, normalised, newest frame last. */
  readonly stim: tf.Tensor5D;
}

/** One row of `Model.summary`, for a whole batch. */
export interface SummaryRow extends StageSummary {
  /** With the batch first. */
  readonly outputShape: readonly number[];
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

/** A model with weights: one core, and one readout per session. N is the number of all sessions' units. */
export class Model {
  /** All trained tensors: core first, then the sessions' readouts and baselines. */
  readonly parameters: readonly Parameter[];
  /** Tensors that are saved but not trained, such as gains that are held at 1. */
  readonly state: readonly Parameter[];
  /** The session of each of the N units. */
  readonly unitDataset: Int32Array;
  /** Whether `forward` gives the logarithm of the rate (`output_activation: none`). */
  readonly logRate: boolean;

  constructor(
    readonly config: ModelConfig,
    readonly input: ModelInput,
    readonly plan: ModelPlan,
    private readonly variables: ReadonlyMap<string, tf.Variable>,
  ) {
    const all = [...variables].map(([name, variable]) => parameterOf(name, variable));
    this.parameters = all.filter(({ variable }) => variable.trainable);
    this.state = all.filter(({ variable }) => !variable.trainable);
    this.unitDataset = Int32Array.from(input.units.flatMap((n, session) => Array<number>(n).fill(session)));
    this.logRate = config.output_activation === "none";
  }

  /**
   * The rates of all units for all samples, `[B, N]`, sessions in order; spikes per bin, or their logarithm (`logRate`).
   * A sample's rates for units of other sessions are computed too, to be masked. Pure tfjs: it compiles.
   */
  forward({ stim }: ModelBatch, { training }: { training: boolean }): tf.Tensor2D {
    return tf.tidy(() => this.plan.apply(stim, lookUp(this.variables), { training }));
  }

  /** Rows for a table: each stage's output for a batch, trained parameters, and operations of a forward pass. */
  summary(batchSize: number): SummaryRow[] {
    return this.plan.stages.map((row) => ({
      ...row,
      outputShape: [batchSize, ...row.outputShape],
      flops: batchSize * row.flops,
    }));
  }

  /** The temporal kernels that act, one series per channel, oldest tap first; empty for a frontend without. */
  temporalKernels(): number[][] {
    const { frontend } = this.plan;
    if (!frontend.temporalKernels) return [];
    const get = lookUp(this.variables);
    const kernels = tf.tidy(() => tf.transpose(frontend.temporalKernels!((name) => get(`frontend.${name}`))));
    const rows = kernels.arraySync() as number[][];
    kernels.dispose();
    return rows;
  }

  /** Where the units look; empty for readouts that look everywhere. */
  readoutPositions(): ReadoutPosition[] {
    const { readouts, core, geometry } = this.plan;
    if (!readouts.masks) return [];
    const get = lookUp(this.variables);
    const means = tf.tidy(() => readouts.masks!.means((name) => get(`readouts.${name}`)));
    const rows = means.arraySync();
    means.dispose();
    const first = new Map<number, number>();
    return rows.map(([meanY, meanX], i) => {
      const dataset = this.unitDataset[i]!;
      if (!first.has(dataset)) first.set(dataset, i);
      const [y, x] = [meanY! + (core.height - 1) / 2, meanX! + (core.width - 1) / 2];
      return {
        dataset,
        unit: i - first.get(dataset)!,
        y,
        x,
        stimulusY: geometry.y.scale * y + geometry.y.offset,
        stimulusX: geometry.x.scale * x + geometry.x.offset,
      };
    });
  }

  /** The variable of a parameter or of state. @throws Error when there is none of that name */
  variable(name: string): tf.Variable {
    return lookUp(this.variables)(name);
  }

  dispose(): void {
    for (const variable of this.variables.values()) variable.dispose();
  }
}
