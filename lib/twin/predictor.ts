import type { PreparedSession } from "../data";
import type { SessionBatch } from "../data/serving/multi-dataset";
import type { ResidentData } from "../data/serving/resident";
import { longestLag } from "../data/session-lags";
import { type Compiled, compile, tf } from "../engine";
import type { Model } from "../model";
import type { TracedBatch } from "../protocols/module";
import { toTensors } from "../trainer/step/to-tensors";

/** The number of samples in each call of the compiled step. */
const BATCH = 256;

/** Predicts a model's rates on recordings. The owner of the model and of the recordings disposes them. */
export class Predictor {
  private readonly step: Compiled<[TracedBatch], tf.Tensor2D>;

  constructor(
    model: Model,
    private readonly sessions: readonly PreparedSession[],
    private readonly data: ResidentData,
  ) {
    this.step = compile((served: TracedBatch) => {
      const { robs: _, mask: __, ...batch } = data.samples(served);
      const { rate } = model.ownOutputs(batch, { training: false });
      return model.logRate ? (tf.exp(rate) as tf.Tensor2D) : rate;
    });
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
    const { sessions, data } = this;
    const { cids, frames: length } = sessions[session]!;
    const longest = longestLag(sessions[session]!);
    const all = Array.from(frames);
    const bad = all.find((frame) => frame < longest || frame >= length);
    if (bad !== undefined) throw new RangeError(`predict: frame ${bad} is not in ${longest}..${length - 1}`);
    const rates = new Float32Array(all.length * cids.length);
    let start = 0;
    for await (const batch of data.serve(batchesOf(session, all, data.offsets[session]!))) {
      const { tensors, made } = toTensors(batch);
      const rate = await this.step(tensors);
      const [, columns] = rate.shape;
      const values = rate.dataSync();
      tf.dispose([rate, made]);
      for (let i = 0; i < Math.min(BATCH, all.length - start); i++) {
        const row = values.subarray(i * columns, i * columns + cids.length);
        rates.set(row, (start + i) * cids.length);
      }
      start += BATCH;
    }
    return rates;
  }

  dispose(): void {
    this.step.dispose();
  }
}

/** Yields batches. The last batch is filled up with its first frame, so that one compiled step serves all batches. */
function* batchesOf(session: number, frames: readonly number[], first: number): Generator<SessionBatch> {
  const dataset = new Int32Array(BATCH).fill(session);
  for (let start = 0; start < frames.length; start += BATCH) {
    const frame = Int32Array.from(dataset, (_, i) => first + (frames[start + i] ?? frames[start]!));
    yield { dataset, frame };
  }
}
