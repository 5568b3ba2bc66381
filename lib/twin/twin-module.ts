import { type Bundle, DISPLAY, type Displayable } from "../base/jupyter/display";
import { Table } from "../base/jupyter/table";
import type { PreparedSession } from "../data";
import { dataForModel } from "../data/serving/data-for-model";
import type { MultiDatasetDM } from "../data/serving/multi-dataset";
import type { ResidentData } from "../data/serving/resident";
import type { tf } from "../engine";
import type { Model } from "../model";
import type { Regularization } from "../model/regularizers/regularization";
import type { Parameter, Rng } from "../nn";
import type { Metrics } from "../protocols/events";
import type {
  Batches,
  BatchRequest,
  FactoryReference,
  TracedBatch,
  TrainingLoss,
  TrainingModule,
} from "../protocols/module";
import { monitorOf, TwinObjective } from "./objective";
import { Predictor } from "./predictor";
import type { SessionShard } from "./session-shard";

/**
 * Makes a table of a model's stages: output shape, trained parameters, operations of a forward pass and memory of a
 * training step, for a batch. It is HTML in a notebook and aligned text in a terminal.
 *
 * @example
 * display(modelSummary(buildModel(readModelConfig("model.yaml"), input, 0), 64));
 */
export function modelSummary(model: Model, batchSize: number): Table {
  const stages = model.summary(batchSize);
  const rows = stages.map(({ stage, type, outputShape, parameters, flops, bytes }) => ({
    stage,
    type,
    "output shape": outputShape.join(" × "),
    parameters,
    "MFLOP (forward)": Math.round(flops / 1e6),
    "MB (training)": Math.round(bytes / 1e5) / 10,
  }));
  const total = (of: (row: (typeof stages)[number]) => number) =>
    stages.reduce((sum, row) => sum + of(row), 0);
  const parameters = total((row) => row.parameters).toLocaleString("en");
  const megabytes = Math.ceil(total((row) => row.bytes) / 1e6).toLocaleString("en");
  return new Table(
    rows,
    `${parameters} parameters; a batch of ${batchSize} takes about ${megabytes} MB in training`,
  );
}

/**
 * A digital twin of several recording sessions: the model and the data as the trainer needs them, with predictions and
 * summaries.
 */
export class TwinModule implements TrainingModule, Displayable {
  readonly parameters: readonly Parameter[];
  readonly state: readonly Parameter[];
  readonly regularization: Regularization;
  readonly sessions: readonly PreparedSession[];
  /** Set if other processes have other sessions. @internal */
  shard: SessionShard | undefined;
  private readonly resident: ResidentData;
  private readonly objective: TwinObjective;
  private readonly predictor: Predictor;

  constructor(
    readonly model: Model,
    readonly data: MultiDatasetDM,
    private readonly ownConfig: Readonly<Record<string, unknown>>,
    readonly recipe?: FactoryReference,
  ) {
    this.parameters = model.parameters;
    this.state = model.state;
    this.regularization = model.regularization;
    const { sessions } = data;
    this.sessions = sessions;
    this.resident = dataForModel(model, sessions, data.limits);
    this.predictor = new Predictor(model, sessions, this.resident);
    this.objective = new TwinObjective(
      model,
      sessions.map(({ name }) => name),
      sessions[0]!.responses,
    );
  }

  get config(): Readonly<Record<string, unknown>> {
    return this.shard?.config ?? this.ownConfig;
  }

  trainBatchCount(batchSize: number, worldSize = 1): number {
    return this.data.trainBatchCount(batchSize, worldSize);
  }

  trainBatches(request: BatchRequest): Batches {
    return this.resident.serve(this.data.trainBatches(request));
  }

  validationBatchCount(batchSize: number): number {
    return this.data.validationBatchCount(batchSize);
  }

  validationBatches(request: BatchRequest): Batches {
    return this.resident.serve(this.data.validationBatches(request));
  }

  loss(batch: TracedBatch, rng?: Rng): TrainingLoss {
    const own = this.objective.loss(this.resident.samples(batch), rng);
    return this.shard?.spread(own) ?? own;
  }

  validationSums(batch: TracedBatch): tf.Tensor {
    return this.objective.validationSums(this.resident.samples(batch));
  }

  /**
   * The metric that ranks checkpoints by default: `val_bps_overall` for spike counts, `val_corr_overall`, a correlation, for other responses
   * and for losses that are not likelihoods of counts.
   */
  get monitor(): { monitor: string; mode: "max" } {
    return { monitor: monitorOf(this.scoresCounts), mode: "max" };
  }

  /** Whether bits per spike are the score: for spike counts with a loss that is a likelihood of counts. */
  get scoresCounts(): boolean {
    return this.objective.scoresCounts;
  }

  /**
   * Computes `val_bps_overall`, `val_bps/<session>` and `val_loss`, the masked mean of the Poisson loss over all bins. For responses that are
   * not counts, `val_corr_overall` and `val_corr/<session>` take the place of bits per spike, and `val_loss` is the mean of the model's loss.
   */
  validationMetrics(sums: Float64Array): Metrics {
    return this.objective.validationMetrics(sums, this.shard?.metricUnits);
  }

  /** The sessions' names, including those of sessions that only other processes have. */
  get datasets(): readonly string[] {
    return this.shard?.names ?? this.sessions.map(({ name }) => name);
  }

  /** Returns a table of the model's stages. */
  summary(batchSize: number): Table {
    return modelSummary(this.model, batchSize);
  }

  /** Displays the sessions, and the model's stages for a batch of the trainer's default size. */
  [DISPLAY](): Bundle {
    const tables = [this.data.summary(), this.summary(64)].map((table) => table[DISPLAY]());
    const joined = (type: "text/html" | "text/plain", between: string) =>
      tables.map((table) => String(table[type])).join(between);
    return { "text/html": joined("text/html", ""), "text/plain": joined("text/plain", "\n\n") };
  }

  /**
   * Returns the position of every unit's receptive field, in pixels from the stimulus frame's centre; sessions in
   * order.
   */
  readoutPositions(): { y: number; x: number }[] {
    const { height, width } = this.sessions[0]!;
    return this.model.readoutPositions().map(({ stimulusY, stimulusX }) => ({
      y: stimulusY - (height - 1) / 2,
      x: stimulusX - (width - 1) / 2,
    }));
  }

  /**
   * Predicts the rates of one session.
   *
   * @param session its number in `sessions`
   * @param frames frame numbers of the session; frames before the longest lag have no prediction
   * @returns spikes per bin, `[frames, units]`
   * @throws RangeError for a frame that has no full window of lags
   */
  async predict(session: number, frames: ArrayLike<number>): Promise<Float32Array> {
    return this.predictor.predict(session, frames);
  }

  /** Frees the tensors. The object cannot be used afterwards. */
  dispose(): void {
    this.predictor.dispose();
    this.resident.dispose();
    this.model.dispose();
  }
}
