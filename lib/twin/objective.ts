import type { tf } from "../engine";
import { BitsPerSpike, bitsPerSpikeSums } from "../metrics";
import type { Model, ModelBatch } from "../model";
import { poissonLoss } from "../objective";
import type { Metrics } from "../trainer/events";
import type { TrainingLoss } from "../trainer/module";

/** A batch inside a compiled step: what the model sees, and what it should have said. N is the number of all units. */
export interface Samples extends ModelBatch {
  /** Spike counts `[B, N]`; 0 where a unit is not of the sample's session. */
  readonly robs: tf.Tensor2D;
  /** 1 where the count is valid, else 0, `[B, N]`. */
  readonly mask: tf.Tensor2D;
}

/** What a twin is trained for and judged by: Poisson loss, bits per spike. */
export class TwinObjective {
  /** @param sessions their names */
  constructor(
    private readonly model: Model,
    private readonly sessions: readonly string[],
  ) {}

  /** Traced. */
  loss(samples: Samples): TrainingLoss {
    return poissonLoss(this.predictions(samples, true), { logRate: this.model.logRate });
  }

  /** Traced. */
  validationSums(samples: Samples): tf.Tensor {
    return bitsPerSpikeSums(this.predictions(samples, false), { logRate: this.model.logRate });
  }

  /** `val_bps_overall`, `val_bps/<session>` and `val_loss`, the masked mean of the Poisson loss over all bins. */
  validationMetrics(sums: Float64Array): Metrics {
    const { sessions, model } = this;
    const bps = new BitsPerSpike(model.unitDataset, sessions);
    bps.add(sums);
    const total = (row: number) => {
      const n = model.unitDataset.length;
      return sums.subarray(row * n, (row + 1) * n).reduce((a, b) => a + b, 0);
    };
    const perSession = bps.perSession().map((value, i) => [`val_bps/${sessions[i]!}`, value] as const);
    const loss = (total(1) - total(0)) / total(3);
    return { val_bps_overall: bps.overall(), val_loss: loss, ...Object.fromEntries(perSession) };
  }

  private predictions({ robs, mask, ...batch }: Samples, training: boolean) {
    const { model } = this;
    return { rate: model.forward(batch, { training }), robs, mask, unitDataset: model.unitDataset };
  }
}
