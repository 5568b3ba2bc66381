import type { Samples } from "../data/serving/resident";
import { tf } from "../engine";
import { BitsPerSpike } from "../metrics";
import { bitsPerSpikeSums, subjectOf } from "../metrics/bits-per-spike";
import type { Model } from "../model";
import type { Mode, Rng } from "../nn";
import type { Metrics } from "../protocols/events";
import type { TrainingLoss } from "../protocols/module";

/**
 * The training objective and the validation metrics of a twin: the configuration's loss, the modulator's loss, and bits
 * per spike.
 */
export class TwinObjective {
  /** @param sessions the names of the sessions */
  constructor(
    private readonly model: Model,
    private readonly sessions: readonly string[],
  ) {}

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
    const { rate, silent, auxiliary, sessions } = this.outputs(batch, robs, mode);
    const result = model.loss({ rate, robs, mask, silent, ...sessions }, { logRate });
    if (!auxiliary || config.lambda_pred === 0) return result;
    const { mean, count } = meanOfCounted(auxiliary, mask);
    const own = tf.mul<tf.Scalar>(mean, config.lambda_pred);
    return { ...result, loss: tf.add(result.loss, own), auxiliary: { loss: own, weight: count } };
  }

  /** Computes sums over the batch for the validation metrics. Traced. @throws Error as `loss` */
  validationSums({ robs, mask, ...batch }: Samples): tf.Tensor {
    const { logRate } = this.model;
    const { rate, sum } = this.outputs(batch, robs, { training: false });
    return bitsPerSpikeSums({ rate, robs, mask }, { logRate, sum });
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
   * Computes `val_bps_overall`, `val_bps/<subject>`, `val_bps/<session>`, and `val_loss`, `val_loss/<subject>`,
   * `val_loss/<session>`: masked means of the Poisson loss over all bins.
   */
  validationMetrics(sums: Float64Array): Metrics {
    const { sessions, model } = this;
    const bps = new BitsPerSpike(model.unitDataset, sessions);
    bps.add(sums);
    /** Returns the mean loss over the bins of the sessions that `counts` accepts. */
    const lossOf = (counts: (session: number) => boolean) => {
      const n = model.unitDataset.length;
      const total = (row: number) =>
        sums
          .subarray(row * n, (row + 1) * n)
          .reduce((sum, value, unit) => (counts(model.unitDataset[unit]!) ? sum + value : sum), 0);
      return (total(1) - total(0)) / total(3);
    };
    const perSubject = Object.entries(bps.perSubject()).map(
      ([name, value]) => [`val_bps/${name}`, value] as const,
    );
    const perSession = bps.perSession().map((value, i) => [`val_bps/${sessions[i]!}`, value] as const);
    const subjects = [...new Set(sessions.map(subjectOf))];
    const losses = [
      ...subjects.map((name) => [name, lossOf((i) => subjectOf(sessions[i]!) === name)] as const),
      ...sessions.map((name, session) => [name, lossOf((i) => i === session)] as const),
    ].map(([name, loss]) => [`val_loss/${name}`, loss] as const);
    return {
      val_bps_overall: bps.overall(),
      val_loss: lossOf(() => true),
      ...Object.fromEntries([...perSubject, ...perSession, ...losses]),
    };
  }
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
