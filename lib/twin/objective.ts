import type { ResponseKind } from "../data";
import type { Samples } from "../data/serving/resident";
import { tf } from "../engine";
import { BitsPerSpike } from "../metrics";
import { bitsPerSpikeSums } from "../metrics/bits-per-spike";
import { correlationSums, ResponseCorrelation } from "../metrics/response-correlation";
import { meanOfKnown, meansOfSubjects, subjectOf } from "../metrics/session-means";
import type { UnitSums } from "../metrics/unit-sums";
import type { Model } from "../model";
import type { Mode, Rng } from "../nn";
import type { Metrics } from "../protocols/events";
import type { TrainingLoss } from "../protocols/module";

/** The units that the columns of validation sums belong to. */
export interface MetricUnits {
  /** The session of each unit. */
  readonly unitDataset: Int32Array;
  /** The names of the sessions. */
  readonly sessions: readonly string[];
}

/** Returns whether bits per spike are the score: for counts with a likelihood of counts. */
export const scoresCounts = (responses: ResponseKind, isOfCounts: boolean): boolean =>
  responses === "counts" && isOfCounts;

/** Returns the metric that ranks checkpoints. @param ofCounts whether bits per spike are the score */
export const monitorOf = (ofCounts: boolean): string => (ofCounts ? "val_bps_overall" : "val_corr_overall");

/**
 * The training objective and the validation metrics of a twin: the configuration's loss, the modulator's loss, and bits
 * per spike, or correlations for responses that are not counts.
 */
export class TwinObjective {
  /** Whether bits per spike are the score: for counts with a likelihood of counts. */
  readonly scoresCounts: boolean;

  /** @param sessions the names of the sessions @param responses the kind of their responses. Default: counts */
  constructor(
    private readonly model: Model,
    private readonly sessions: readonly string[],
    responses: ResponseKind = "counts",
  ) {
    this.scoresCounts = scoresCounts(responses, model.lossPart.isOfCounts);
  }

  /**
   * Computes the training loss. The auxiliary loss is the mean over the valid samples of all sessions, times
   * `lambda_pred`. Traced.
   *
   * @throws Error when the counts have neither the columns of `Samples` nor those of all units
   */
  loss({ robs, mask, ...batch }: Samples, rng?: Rng): TrainingLoss {
    const { model } = this;
    const { logRate, config } = model;
    const mode = { training: true, ...(rng ? { rng } : {}) };
    const { rate, parameters, auxiliary, sessions } = this.outputs(batch, robs, mode);
    const loss = model.loss({ rate, robs, mask, ...parameters, ...sessions }, { logRate });
    const isReal = tf.greaterEqual(batch.dataset, tf.scalar(0, "int32"));
    const result = { ...loss, samples: tf.sum<tf.Scalar>(tf.cast(isReal, "float32")) };
    if (!auxiliary || config.lambda_pred === 0) return result;
    const { mean, count } = meanOfCounted(auxiliary, mask);
    const own = tf.mul<tf.Scalar>(mean, config.lambda_pred);
    return { ...result, loss: tf.add(result.loss, own), auxiliary: { loss: own, weight: count } };
  }

  /** Computes sums over the batch for the validation metrics. Traced. @throws Error as `loss` */
  validationSums({ robs, mask, ...batch }: Samples): tf.Tensor {
    const { logRate, lossPart } = this.model;
    const { rate, parameters, sum } = this.outputs(batch, robs, { training: false });
    if (this.scoresCounts) return bitsPerSpikeSums({ rate, robs, mask }, { logRate, sum });
    const loss = lossPart.each({ rate, robs, ...parameters }, { logRate });
    const mean = logRate ? (tf.exp(rate) as tf.Tensor2D) : rate;
    return correlationSums({ rate: mean, robs, mask, loss }, sum);
  }

  /**
   * Computes the rates in the columns of the counts: those of each sample's own units, or of all units of all sessions, which a module with
   * batches of its own may serve.
   */
  private outputs({ dataset, ...inputs }: Omit<Samples, "robs" | "mask">, robs: tf.Tensor2D, mode: Mode) {
    const { model } = this;
    const { units } = model.input;
    const { length: all } = model.unitDataset;
    const batch = { ...inputs, dataset };
    const [own, given] = [Math.max(...units), robs.shape[1]];
    if (given === own)
      return {
        ...model.ownOutputs(batch, mode),
        sessions: { dataset, sessions: units.length },
        sum: (values: tf.Tensor2D) => sumOfUnits(values, dataset, units),
      };
    if (given !== all)
      throw new Error(
        `The batch has counts of ${given} units, but the model has ${own} units in its largest session and ${all} units in all: column u ` +
          `of robs and mask is unit u of the sample's session (${own} columns), or unit u of all sessions (${all} columns).`,
      );
    const sum = (values: tf.Tensor2D) => tf.sum<tf.Tensor1D>(values, 0);
    return { ...model.outputs(batch, mode), sessions: { unitDataset: model.unitDataset }, sum };
  }

  /**
   * Computes the metrics of a validation. For counts these are `val_bps_overall`, `val_bps/<subject>`, `val_bps/<session>`, and `val_loss`,
   * `val_loss/<subject>`, `val_loss/<session>`: masked means of the Poisson loss over all bins. For other responses, and for losses that are
   * not likelihoods of counts, correlations take the place of bits per spike (`val_corr_overall`, `val_corr/<session>`), and `val_loss` is the
   * mean of the model's own loss.
   *
   * @param of the units of the sums. Default: those of the model
   */
  validationMetrics(sums: Float64Array, of?: MetricUnits): Metrics {
    const { unitDataset, sessions } = of ?? { unitDataset: this.model.unitDataset, sessions: this.sessions };
    const [name, Scores] = this.scoresCounts
      ? (["val_bps", BitsPerSpike] as const)
      : (["val_corr", ResponseCorrelation] as const);
    const scores = new Scores(unitDataset, sessions);
    scores.add(sums);
    const perSession = scores.perSession();
    return {
      [`${name}_overall`]: meanOfKnown(perSession),
      ...lossMetrics(scores),
      ...scoreMetrics(name, perSession, sessions),
    };
  }
}

/** Returns the scores of subjects and of sessions. */
function scoreMetrics(name: string, perSession: readonly number[], sessions: readonly string[]): Metrics {
  const ofSession = perSession.map((value, i) => [sessions[i]!, value] as const);
  const each = [...Object.entries(meansOfSubjects(perSession, sessions)), ...ofSession];
  return Object.fromEntries(each.map(([of, value]) => [`${name}/${of}`, value]));
}

/** Returns the mean losses of all data, of subjects and of sessions. */
function lossMetrics(sums: UnitSums): Metrics {
  const { sessions } = sums;
  const totals = sums.totals();
  const subjects = [...new Set(sessions.map(subjectOf))];
  const each = [
    ...subjects.map((name) => [name, sums.loss((i) => subjectOf(sessions[i]!) === name, totals)] as const),
    ...sessions.map((name, session) => [name, sums.loss((i) => i === session, totals)] as const),
  ].map(([name, loss]) => [`val_loss/${name}`, loss] as const);
  return { val_loss: sums.loss(() => true, totals), ...Object.fromEntries(each) };
}

/** Sums values `[B, U]` of each unit over its session's samples: `[N]`. Those of padding samples must be 0. */
function sumOfUnits(values: tf.Tensor2D, dataset: tf.Tensor1D, units: readonly number[]): tf.Tensor1D {
  const session = tf.maximum<tf.Tensor1D>(dataset, tf.scalar(0, "int32"));
  const sums = tf.unsortedSegmentSum(values, session, units.length);
  return tf.concat1d(units.map((n, i) => tf.reshape(tf.slice(sums, [i, 0], [1, n]), [n])));
}

/** Returns the mean over the samples that have a valid bin, and the number of these samples. */
function meanOfCounted(each_B: tf.Tensor1D, mask_BN: tf.Tensor2D): { mean: tf.Scalar; count: tf.Scalar } {
  const counts = tf.max(mask_BN, 1);
  const sum = tf.sum(tf.where(tf.greater(counts, 0), each_B, tf.zerosLike(each_B)));
  const count = tf.sum(tf.cast(tf.greater(counts, 0), "float32")) as tf.Scalar;
  return { mean: tf.div(sum, tf.maximum(count, 1)), count };
}
