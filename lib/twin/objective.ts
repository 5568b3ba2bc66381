import type { Samples } from "../data/serving/resident";
import { tf } from "../engine";
import { BitsPerSpike } from "../metrics";
import { bitsPerSpikeSums, subjectOf } from "../metrics/bits-per-spike";
import type { Model } from "../model";
import type { Rng } from "../nn";
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
   */
  loss({ robs, mask, ...batch }: Samples, rng?: Rng): TrainingLoss {
    const { model } = this;
    const { unitDataset, logRate, config } = model;
    const { rate, auxiliary } = model.outputs(batch, { training: true, ...(rng ? { rng } : {}) });
    const inputs = { rate, robs, mask, unitDataset, pi_N: model.silentShare() };
    const result = model.loss(inputs, { logRate });
    if (!auxiliary || config.lambda_pred === 0) return result;
    const { mean, count } = meanOfCounted(auxiliary, mask);
    const own = tf.mul<tf.Scalar>(mean, config.lambda_pred);
    return { ...result, loss: tf.add(result.loss, own), auxiliary: { loss: own, weight: count } };
  }

  /** Computes sums over the batch for the validation metrics. Traced. */
  validationSums(samples: Samples): tf.Tensor {
    return bitsPerSpikeSums(this.predictions(samples), { logRate: this.model.logRate });
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

  private predictions({ robs, mask, ...batch }: Samples) {
    const { model } = this;
    return { rate: model.forward(batch, { training: false }), robs, mask, unitDataset: model.unitDataset };
  }
}

/** Returns the mean over the samples that have a valid bin, and the number of these samples. */
function meanOfCounted(each_B: tf.Tensor1D, mask_BN: tf.Tensor2D): { mean: tf.Scalar; count: tf.Scalar } {
  const counts = tf.max(mask_BN, 1);
  const sum = tf.sum(tf.where(tf.greater(counts, 0), each_B, tf.zerosLike(each_B)));
  const count = tf.sum(tf.cast(tf.greater(counts, 0), "float32")) as tf.Scalar;
  return { mean: tf.div(sum, tf.maximum(count, 1)), count };
}
