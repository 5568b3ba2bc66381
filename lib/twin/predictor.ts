import type { PreparedSession } from "../data";
import { type Compiled, compile, tf } from "../engine";
import type { Model } from "../model";
import type { TracedBatch } from "../trainer/module";
import type { ResidentData } from "./resident";

/** Samples per call of the compiled step. */
const BATCH = 256;

/** A model's rates on recordings; the model and the recordings stay their owner's to dispose. */
export class Predictor {
  private readonly step: Compiled<[TracedBatch], tf.Tensor2D>;

  constructor(
    private readonly model: Model,
    private readonly sessions: readonly PreparedSession[],
    private readonly data: ResidentData,
  ) {
    this.step = compile(({ frame, dataset }: TracedBatch) => {
      const { robs: _, mask: __, ...batch } = data.samples(frame as tf.Tensor1D, dataset as tf.Tensor1D);
      const rate = model.forward(batch, { training: false });
      return model.logRate ? (tf.exp(rate) as tf.Tensor2D) : rate;
    });
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
    for (let start = 0; start < all.length; start += BATCH) {
      // The last batch is filled up with its own first frame, so that one step serves all.
      const frame = Int32Array.from(
        { length: BATCH },
        (_, i) => data.offsets[session]! + (all[start + i] ?? all[start]!),
      );
      const batch = {
        frame: tf.tensor1d(frame, "int32"),
        dataset: tf.fill([BATCH], session, "int32") as tf.Tensor1D,
      };
      const rate = await this.step(batch);
      const values = rate.dataSync();
      tf.dispose([rate, batch]);
      for (let i = 0; i < Math.min(BATCH, all.length - start); i++) {
        const row = values.subarray(i * units + firstUnit, i * units + firstUnit + cids.length);
        rates.set(row, (start + i) * cids.length);
      }
    }
    return rates;
  }

  dispose(): void {
    this.step.dispose();
  }
}
