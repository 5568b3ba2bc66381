import { expect, test } from "vitest";
import type { Samples } from "../../lib/data/serving/resident";
import { tf } from "../../lib/engine";
import { poissonLoss } from "../../lib/losses/counts";
import { buildModel, type Model, type ModelInput, parseModelConfig } from "../../lib/model";
import { randomBatches } from "../../lib/twin/batch-module";
import { SMALL } from "./configs";

const INPUT: ModelInput = { lags: 6, height: 13, width: 12, units: [3, 2, 4], behaviors: 3 };

/** A model with every kind of session-specific stage, and every kind of stage between them. */
const config = parseModelConfig(
  {
    ...SMALL,
    model_type: "v1multi_history",
    history_encoder: { type: "mlp", params: { num_lags: 2, hidden_dims: [4], act_type: "tanh" } },
    adapter: { type: "adapter", params: { grid_size: 11 } },
    modulator: { type: "film", params: { behavior_dim: 3, encoder_params: { dims: [6] } } },
    shifter: { type: "mlp", params: { hidden_dim: 4, max_shift: 2 } },
    baseline: { enabled: true },
  },
  "test",
);

/** Returns the loss and the gradients of samples, by parameter. */
function lossAndGradients(model: Model, { robs, mask, ...batch }: Samples) {
  const variables = model.parameters.map(({ variable }) => variable);
  const sessions = model.input.units.length;
  const { value, grads } = tf.variableGrads(() => {
    const { rate } = model.ownOutputs(batch, { training: true });
    const { logRate } = model;
    return poissonLoss({ rate, robs, mask, dataset: batch.dataset, sessions }, { logRate }).loss;
  }, variables);
  return { loss: value.dataSync()[0]!, grads: variables.map(({ name }) => grads[name]!.dataSync()) };
}

test("one pass over a mixed batch gives the loss and the gradients of one pass for each session", () => {
  const model = buildModel(config, INPUT, 2);
  // Last layers start at 0 and masks are round at first, which would hide a mix-up.
  for (const { name, variable } of model.parameters)
    if (/^(shifters|modulator)|std$/.test(name))
      tf.tidy(() => variable.assign(tf.randomUniform(variable.shape, 0.5, 2, "float32", name.length)));
  const [ready] = randomBatches(INPUT, { batchSize: 9, count: 1, historyLags: 2, seed: 4 });
  const samples = (rows: number[]) =>
    Object.fromEntries(
      Object.entries(ready!).map(([name, tensor]) => [name, tf.gather(tensor, tf.tensor1d(rows, "int32"))]),
    ) as unknown as Samples;
  tf.tidy(() => {
    const mixed = lossAndGradients(model, samples([0, 1, 2, 3, 4, 5, 6, 7, 8]));
    const each = [0, 1, 2].map((d) => lossAndGradients(model, samples([3 * d, 3 * d + 1, 3 * d + 2])));
    const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    expect(mixed.loss).toBeCloseTo(mean(each.map(({ loss }) => loss)), 5);
    model.parameters.forEach(({ name }, p) => {
      const apart = mixed.grads[p]!.map((_, i) => mean(each.map(({ grads }) => grads[p]![i]!)));
      const largest = Math.max(...apart.map(Math.abs));
      expect(largest, `${name} has a gradient`).toBeGreaterThan(0);
      apart.forEach((value, i) => {
        const off = Math.abs(mixed.grads[p]![i]! - value) / largest;
        expect(off, `${name}[${i}]`).toBeLessThan(1e-4);
      });
    });
  });
  tf.dispose(Object.values(ready!));
  model.dispose();
});
