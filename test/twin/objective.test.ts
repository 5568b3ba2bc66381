import { expect, test } from "vitest";
import { tf } from "../../lib/engine";
import { buildModel, type ModelInput } from "../../lib/model";
import { randomBatches } from "../../lib/twin/batch-module";
import { type Samples, TwinObjective } from "../../lib/twin/objective";
import { small } from "../model/configs";

test("what a modulator predicted wrongly is in the loss: the mean over the counted samples of all sessions", () => {
  const input: ModelInput = { lags: 6, height: 11, width: 11, units: [3, 2], behaviors: 4 };
  const modulator = { type: "pc", params: { behavior_dim: 4, beh_emb_dim: 2 } };
  const [batch] = randomBatches(input, { batchSize: 5, count: 1 });
  const lossOf = (lambda_pred: number, samples: Samples) => {
    const model = buildModel(small({ modulator, lambda_pred }), input, 3);
    const { loss } = new TwinObjective(model, ["a", "b"]).loss(samples);
    const { auxiliary } = model.outputs(samples, { training: true });
    const result = { loss: loss.dataSync()[0]!, each: Array.from(auxiliary!.dataSync()) };
    model.dispose();
    return result;
  };
  tf.tidy(() => {
    const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    const samples = batch as unknown as Samples;
    const { each, loss } = lossOf(0, samples);
    expect(Math.min(...each)).toBeGreaterThan(0);
    expect(lossOf(0.5, samples).loss - loss).toBeCloseTo(0.5 * mean(each), 5);

    // The third sample only fills the batch up.
    const rows = tf.tensor2d([1, 1, 0, 1, 1], [5, 1]);
    const filled = { ...samples, mask: tf.mul(samples.mask, rows) as tf.Tensor2D };
    const counted = each.filter((_, i) => i !== 2);
    expect(lossOf(0.5, filled).loss - lossOf(0, filled).loss).toBeCloseTo(0.5 * mean(counted), 5);
  });
  tf.dispose(Object.values(batch!));
});
