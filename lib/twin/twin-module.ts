import { ConfigError } from "../config";
import type { PreparedSession } from "../data";
import { type Compiled, compile, tf } from "../engine";
import type { Table } from "../jupyter";
import type { Model } from "../model";
import { oldestFirst } from "../model/history/lags";
import type { DrawsLike, Parameter } from "../nn";
import type { Regularization } from "../regularizers/regularization";
import { DistributedSampler, sampleBatches } from "../samplers";
import type { Metrics } from "../trainer/events";
import type { Batch, Recipe, TracedBatch, TrainingLoss, TrainingModule } from "../trainer/module";
import { type Samples, TwinObjective } from "./objective";
import { ResidentData } from "./resident";
import { modelSummary } from "./summary";

/** Samples per call of `predict`. */
const PREDICT_BATCH = 256;

/** A digital twin of several recording sessions: model and data as the trainer wants them, and what one asks of it later. */
export class TwinModule implements TrainingModule {
  readonly parameters: readonly Parameter[];
  readonly state: readonly Parameter[];
  readonly regularization: Regularization;
  private readonly data: ResidentData;
  private readonly objective: TwinObjective;
  private readonly predictStep: Compiled<[TracedBatch], tf.Tensor2D>;

  constructor(
    readonly model: Model,
    readonly sessions: readonly PreparedSession[],
    readonly config: Readonly<Record<string, unknown>>,
    readonly recipe?: Recipe,
  ) {
    this.parameters = model.parameters;
    this.state = model.state;
    this.regularization = model.regularization;
    const { seesStimulus: stim, readsEyepos: eyepos, historyLags } = model.plan;
    this.data = new ResidentData(sessions, {
      stim,
      eyepos,
      historyLags: historyLagsOf(sessions, historyLags),
    });
    this.objective = new TwinObjective(
      model,
      sessions.map(({ name }) => name),
    );
    this.predictStep = compile((batch: TracedBatch) => {
      const rate = model.forward(this.samples(batch), { training: false });
      return model.logRate ? (tf.exp(rate) as tf.Tensor2D) : rate;
    });
  }

  trainBatchCount(batchSize: number, worldSize = 1): number {
    return Math.floor(this.count("train") / (batchSize * worldSize));
  }

  *trainBatches(
    batchSize: number,
    seed: number,
    pass: number,
    { rank, worldSize } = { rank: 0, worldSize: 1 },
  ): Iterable<Batch> {
    const sampler = new DistributedSampler(this.count("train"), { seed, rank, worldSize, dropLast: true });
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
  async predict(session: number, frames: ArrayLike<number>): Promise<Float32Array> {
    const { model, sessions, data } = this;
    const { cids, frames: length, lags } = sessions[session]!;
    const longest = Math.max(...lags);
    const all = Array.from(frames);
    const bad = all.find((frame) => frame < longest || frame >= length);
    if (bad !== undefined) throw new RangeError(`predict: frame ${bad} is not in ${longest}..${length - 1}`);
    const units = model.unitDataset.length;
    const firstUnit = model.unitDataset.indexOf(session);
    const rates = new Float32Array(all.length * cids.length);
    for (let start = 0; start < all.length; start += PREDICT_BATCH) {
      // The last batch is filled up with its own first frame, so that one step serves all.
      const frame = Int32Array.from(
        { length: PREDICT_BATCH },
        (_, i) => data.offsets[session]! + (all[start + i] ?? all[start]!),
      );
      const batch = {
        frame: tf.tensor1d(frame, "int32"),
        dataset: tf.fill([PREDICT_BATCH], session, "int32") as tf.Tensor1D,
      };
      const rate = await this.predictStep(batch);
      const values = rate.dataSync();
      tf.dispose([rate, batch]);
      for (let i = 0; i < Math.min(PREDICT_BATCH, all.length - start); i++) {
        const row = values.subarray(i * units + firstUnit, i * units + firstUnit + cids.length);
        rates.set(row, (start + i) * cids.length);
      }
    }
    return rates;
  }

  dispose(): void {
    this.predictStep.dispose();
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

/**
 * The bins of a model's spike history: the sessions' `keys_lags.history`, or 1, 2, ... bins before.
 *
 * @throws ConfigError when the sessions' configuration gives another number of lags than the model reads
 */
function historyLagsOf(sessions: readonly PreparedSession[], count: number): number[] {
  const nearest = Array.from({ length: count }, (_, i) => i + 1);
  if (count === 0) return nearest;
  const each = sessions.map(({ config }) => oldestFirst(config.keys_lags.history ?? nearest));
  sessions.forEach(({ file, lags }, i) => {
    const own = each[i]!;
    const problem =
      own.length !== count
        ? `has ${own.length} lags, but history_encoder.params.num_lags of the model is ${count}; give both the same`
        : String(own) !== String(each[0])
          ? `is [${own}], but the first session has [${each[0]}]; sessions of one model need the same`
          : own[0]! > lags[0]!
            ? `reaches ${own[0]} bins back, farther than the stimulus (${lags[0]}); make it shorter`
            : undefined;
    if (problem) throw new ConfigError(file, [{ path: "keys_lags.history", message: problem }]);
  });
  return each[0]!;
}
