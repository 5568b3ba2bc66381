import type { PreparedSession } from "../data";
import type { tf } from "../engine";
import type { Table } from "../jupyter";
import type { Model } from "../model";
import type { DrawsLike, Parameter } from "../nn";
import type { Regularization } from "../regularizers/regularization";
import { DistributedSampler, sampleBatches } from "../samplers";
import type { Metrics } from "../trainer/events";
import type { Batch, TracedBatch, TrainingLoss, TrainingModule } from "../trainer/module";
import { type Samples, TwinObjective } from "./objective";
import { Predictor } from "./predictor";
import type { ResidentData } from "./resident";
import { residentData } from "./served";
import { modelSummary } from "./summary";

/** A digital twin of several recording sessions: model and data as the trainer wants them, and what one asks of it later. */
export class TwinModule implements TrainingModule {
  readonly parameters: readonly Parameter[];
  readonly state: readonly Parameter[];
  readonly regularization: Regularization;
  private readonly data: ResidentData;
  private readonly objective: TwinObjective;
  private readonly predictor: Predictor;

  constructor(
    readonly model: Model,
    readonly sessions: readonly PreparedSession[],
    readonly config: Readonly<Record<string, unknown>>,
  ) {
    this.parameters = model.parameters;
    this.state = model.state;
    this.regularization = model.regularization;
    this.data = residentData(model, sessions);
    this.predictor = new Predictor(model, sessions, this.data);
    this.objective = new TwinObjective(
      model,
      sessions.map(({ name }) => name),
    );
  }

  trainBatchCount(batchSize: number): number {
    return Math.floor(this.count("train") / batchSize);
  }

  *trainBatches(batchSize: number, seed: number, pass: number): Iterable<Batch> {
    const sampler = new DistributedSampler(this.count("train"), { seed });
    sampler.setEpoch(pass);
    yield* this.batches("train", sampler.indices(), batchSize);
  }

  *validationBatches(batchSize: number): Iterable<Batch> {
    const order = new DistributedSampler(this.count("validation"), { shuffle: false }).indices();
    yield* this.batches("validation", order, batchSize);
  }

  loss(batch: TracedBatch, draws?: DrawsLike): TrainingLoss {
    return this.objective.loss(this.samples(batch), draws);
  }

  validationSums(batch: TracedBatch): tf.Tensor {
    return this.objective.validationSums(this.samples(batch));
  }

  /** `val_bps_overall`, `val_bps/<session>` and `val_loss`, the masked mean of the Poisson loss over all bins. */
  validationMetrics(sums: Float64Array): Metrics {
    return this.objective.validationMetrics(sums);
  }

  /** The model's stages as a table. */
  summary(batchSize: number): Table {
    return modelSummary(this.model, batchSize);
  }

  /** Where every unit looks, in pixels from the stimulus frame's centre; sessions in order. */
  readoutPositions(): { y: number; x: number }[] {
    const { height, width } = this.sessions[0]!;
    return this.model.readoutPositions().map(({ stimulusY, stimulusX }) => ({
      y: stimulusY - (height - 1) / 2,
      x: stimulusX - (width - 1) / 2,
    }));
  }

  /**
   * Predicted rates of one session.
   *
   * @param session its number in `sessions`
   * @param frames frame numbers of the session; those before the longest lag have no prediction
   * @returns spikes per bin, `[frames, units]`
   * @throws RangeError for a frame that has no full window of lags
   */
  predict(session: number, frames: ArrayLike<number>): Promise<Float32Array> {
    return this.predictor.predict(session, frames);
  }

  dispose(): void {
    this.predictor.dispose();
    this.data.dispose();
    this.model.dispose();
  }

  private count(part: "train" | "validation"): number {
    return this.sessions.reduce((sum, session) => sum + session[part].length, 0);
  }

  /** Training leaves out a last batch that is not full; validation fills it up with samples that no unit counts. */
  private *batches(part: "train" | "validation", order: Int32Array, batchSize: number): Iterable<Batch> {
    const { sessions, data } = this;
    const lengths = sessions.map((session) => session[part].length);
    const rowOf = (dataset: number, index: number) =>
      data.offsets[dataset]! + sessions[dataset]![part][index]!;
    for (const { dataset, index } of sampleBatches(
      lengths,
      order,
      batchSize,
      part === "train" ? "drop" : "fill",
    )) {
      const first = rowOf(dataset[0]!, index[0]!);
      yield { dataset, frame: index.map((i, k) => (dataset[k]! < 0 ? first : rowOf(dataset[k]!, i))) };
    }
  }

  private samples({ frame, dataset }: TracedBatch): Samples {
    return this.data.samples(frame as tf.Tensor1D, dataset as tf.Tensor1D);
  }
}
