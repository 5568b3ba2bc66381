import { describe, expect, test } from "vitest";
import { Random } from "../../lib/base/random";
import type { Samples } from "../../lib/data/serving/resident";
import { tf } from "../../lib/engine";
import { buildModel, type ModelInput } from "../../lib/model";
import { Trainer } from "../../lib/trainer/trainer";
import { BatchModule, type ReadyBatch, randomBatches } from "../../lib/twin/batch-module";
import { TwinObjective } from "../../lib/twin/objective";
import { small } from "../model/configs";
import { newFolder } from "../new-folder";

test("adds the modulator's prediction error to the loss: the mean over the valid samples of all sessions", () => {
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

    // The third sample is padding.
    const rows = tf.tensor2d([1, 1, 0, 1, 1], [5, 1]);
    const filled = { ...samples, mask: tf.mul(samples.mask, rows) as tf.Tensor2D };
    const counted = each.filter((_, i) => i !== 2);
    expect(lossOf(0.5, filled).loss - lossOf(0, filled).loss).toBeCloseTo(0.5 * mean(counted), 5);
  });
  tf.dispose(Object.values(batch!) as tf.Tensor[]);
});

describe("loss: zero_inflated_poisson", () => {
  const input: ModelInput = { lags: 6, height: 11, width: 11, units: [2, 1] };
  const zip = { loss: "zero_inflated_poisson" };

  test("equals the definition computed by hand: a silent bin, a bin with spikes, and the mean rate", () => {
    const [batch] = randomBatches(input, { batchSize: 6, count: 1 });
    const samples = batch as unknown as Samples;
    const model = buildModel(small(zip), input, 3);
    const { pi, rate, robs, mask, dataset } = tf.tidy(() => ({
      pi: model.silentShare()!.arraySync(),
      rate: model.forward(samples, { training: true }).arraySync(),
      robs: samples.robs.arraySync(),
      mask: samples.mask.arraySync(),
      dataset: samples.dataset.arraySync(),
    }));
    pi.forEach((each) => {
      expect(each).toBeCloseTo(0.1, 6);
    });
    /** Returns the mean over a session's units; `first` is the number of its first unit. */
    const own = (session: number, first: number, units: number) => {
      const terms = rate.flatMap((row, b) =>
        Array.from({ length: units }, (_, u) => u).flatMap((u) => {
          if (dataset[b] !== session || mask[b]![u] === 0) return [];
          const p = pi[first + u]!;
          const [y, firing] = [robs[b]![u]!, row[first + u]! / (1 - p)];
          return [
            y === 0
              ? -Math.log(p + (1 - p) * Math.exp(-firing))
              : firing - y * Math.log(firing) - Math.log(1 - p),
          ];
        }),
      );
      return terms.reduce((a, b) => a + b, 0) / terms.length;
    };
    const loss = tf.tidy(() => new TwinObjective(model, ["a", "b"]).loss(samples).loss.dataSync()[0]!);
    expect(loss).toBeCloseTo((own(0, 0, 2) + own(1, 2, 1)) / 2, 5);
    model.dispose();
    tf.dispose(Object.values(batch!) as tf.Tensor[]);
  });

  test("learns how often each unit is silent, and keeps mean counts equal to forward's", async () => {
    const [batch] = randomBatches(input, { batchSize: 600, count: 1 });
    const random = new Random(5, "silence");
    const share = [0.5, 0.2, 0.5];
    const counts = Array.from(batch!.dataset.dataSync(), (session) => {
      const [a, b, c] = share.map((p) => (random.uniform() < p ? 0 : random.poisson(3)));
      return session === 0 ? [a!, b!] : [c!, 0];
    });
    const robs = tf.tensor2d(counts);
    const module = new BatchModule(buildModel(small(zip), input, 3), [{ ...batch!, robs } as ReadyBatch]);
    const dir = newFolder();
    const options = { dir, maxEpochs: 1, stepsPerEpoch: 300, optimizer: { lr: 0.03 }, batchSize: 600 };
    await new Trainer(options).fit(module);
    const silent = tf.tidy(() => module.model.silentShare()!.arraySync());
    const means = tf.tidy(() =>
      tf.mean(module.model.forward(batch as never, { training: false }), 0).arraySync(),
    );
    share.forEach((p, u) => {
      expect(Math.abs(silent[u]! - p)).toBeLessThan(0.1);
      expect(Math.abs((means as number[])[u]! / (3 * (1 - p)) - 1)).toBeLessThan(0.15);
    });
    expect(
      module.parameters
        .filter(({ name }) => name.startsWith("zero"))
        .map(({ name, decay, dataset }) => [name, decay, dataset]),
    ).toEqual([
      ["zero_inflation.0", false, 0],
      ["zero_inflation.1", false, 1],
    ]);
    tf.dispose(batch!.robs);
    module.dispose();
  });

  test("rejects an unknown loss and lists the valid ones", () => {
    expect(() => small({ loss: "cauchy" })).toThrow(/loss: "cauchy" .*poisson.*zero_inflated_poisson/);
  });
});
