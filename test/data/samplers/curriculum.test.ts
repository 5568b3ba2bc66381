import fc from "fast-check";
import { expect, test } from "vitest";
import { Random } from "../../../lib/base/random";
import { ByDatasetBatchSampler } from "../../../lib/data/samplers/by-dataset";
import { ContrastWeightedSampler } from "../../../lib/data/samplers/contrast-weighted";
import { weightedDraw } from "../../../lib/data/samplers/permutation";

const count = (values: Iterable<number>, length: number) => {
  const counts = new Array<number>(length).fill(0);
  for (const value of values) counts[value]!++;
  return counts;
};

test("draws in proportion to the weights, even where most proposals are rejected", () => {
  for (const weights of [
    [1, 2, 0, 1],
    [...new Array(2000).fill(0), 3, 1],
  ]) {
    const random = new Random(1);
    const n = 4000;
    const draws = Array.from({ length: n }, () =>
      weightedDraw(random, weights.length, (i) => weights[i]!, Math.max(...weights)),
    );
    const sum = weights.reduce((a, b) => a + b, 0);
    count(draws, weights.length).forEach((found, i) => {
      const p = weights[i]! / sum;
      expect(Math.abs(found - n * p)).toBeLessThanOrEqual(5 * Math.sqrt(n * p * (1 - p)));
    });
  }
  expect(() => weightedDraw(new Random(1), 2, () => 0, 1)).toThrow("at least one weight must be over 0");
});

test("changes the weights within an epoch, which ends like the epoch's permutation", () => {
  const contrast = Float64Array.from({ length: 400 }, (_, i) => (i < 200 ? 0 : 2));
  const sampler = new ContrastWeightedSampler(contrast, { warmupSteps: 200 });
  const samples: number[] = [];
  for (const sample of sampler.indices()) {
    samples.push(sample);
    sampler.setStep(samples.length);
  }
  expect(Math.min(...samples.slice(0, 200))).toBeGreaterThanOrEqual(200);
  expect(samples.slice(200)).toEqual([...sampler.indices(200)]);
  expect(new Set(samples.slice(200)).size).toBe(200);
});

test("shares one sequence of draws between ranks, and continues an epoch where it stopped", () => {
  const contrast = Array.from({ length: 30 }, (_, i) => 0.1 + (i % 5));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.nat(), fc.nat(9), (worldSize, seed, epoch) => {
      const of = (rank: number, ranks: number) => {
        const sampler = new ContrastWeightedSampler(contrast, { seed, rank, worldSize: ranks });
        sampler.setEpoch(epoch);
        return sampler;
      };
      const whole = [...of(0, 1).indices()];
      const shards = Array.from({ length: worldSize }, (_, rank) => [...of(rank, worldSize).indices()]);
      for (const [i, sample] of whole.entries())
        expect(shards[i % worldSize]![Math.floor(i / worldSize)]).toBe(sample);
      expect([...of(0, 1).indices(7)]).toEqual(whole.slice(7));
    }),
    { numRuns: 20 },
  );
});

test("draws a batch from one dataset, chosen by size, with distinct samples when there are enough", () => {
  const sizes = [300, 100, 5];
  const sampler = new ByDatasetBatchSampler(sizes, { batchSize: 8, seed: 4 });
  const datasets: number[] = [];
  for (let epoch = 0; epoch < 20; epoch++) {
    sampler.setEpoch(epoch);
    for (const { dataset, index } of sampler.batches()) {
      const own = dataset[0]!;
      datasets.push(own);
      expect(new Set(dataset).size).toBe(1);
      expect(Math.max(...index)).toBeLessThan(sizes[own]!);
      if (own < 2) expect(new Set(index).size).toBe(8);
    }
  }
  count(datasets, 3).forEach((found, i) => {
    const p = sizes[i]! / 405;
    expect(Math.abs(found - p * datasets.length)).toBeLessThan(5 * Math.sqrt(p * (1 - p) * datasets.length));
  });
  const first = [...sampler.batches()];
  expect([...sampler.batches(3)]).toEqual(first.slice(3));
});

test("alternates between datasets without shuffling, and never draws blank frames during the warm-up", () => {
  const turns = new ByDatasetBatchSampler([4, 3], { batchSize: 2, shuffle: false });
  expect([...turns.batches()].map(({ dataset, index }) => [dataset[0], ...index])).toEqual([
    [0, 0, 1],
    [1, 0, 1],
    [0, 2, 3],
    [1, 2, 0],
  ]);
  const seen = new ByDatasetBatchSampler([6], { batchSize: 3, contrast: [[0, 1, 0, 2, 1, 0]] });
  for (const { index } of seen.batches()) expect([...index].sort()).toEqual([1, 3, 4]);
  expect(() => new ByDatasetBatchSampler([6], { batchSize: 3, contrast: [[1]] })).toThrow(
    "contrast is for [1] samples, not [6]",
  );
  expect(() => new ContrastWeightedSampler([1, -1])).toThrow("contrast[1] is -1; it must be 0 or more");
});
