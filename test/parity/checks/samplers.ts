import { expect } from "vitest";
import { contrastScores } from "../../../lib/data";
import { ByDatasetBatchSampler } from "../../../lib/data/samplers/by-dataset";
import { ContrastWeightedSampler } from "../../../lib/data/samplers/contrast-weighted";
import { DistributedSampler } from "../../../lib/data/samplers/distributed";
import { type Check, expectClose, type GoldenCase } from "../golden";

/** Compares each rank's share of the samples. */
function distributed({ params, outputs }: GoldenCase): void {
  const {
    length,
    num_replicas: worldSize,
    shuffle,
    drop_last: dropLast,
  } = params as {
    length: number;
    num_replicas: number;
    shuffle: boolean;
    drop_last: boolean;
  };
  const found = Array.from({ length: worldSize }, (_, rank) =>
    Array.from(new DistributedSampler(length, { shuffle, rank, worldSize, dropLast }).indices()),
  );
  expect(found.flat()).toEqual(outputs.indices!.data);
}

/** Compares alpha, all weights and the draws at each step. */
function contrastWeighted({ params, inputs, outputs }: GoldenCase): void {
  const {
    warmup_steps: warmupSteps,
    steps,
    mode,
  } = params as {
    warmup_steps: number;
    steps: number[];
    mode: string[];
  };
  const contrast = inputs.contrast!.data;
  const found = steps.map((step, i) => {
    const sampler = new ContrastWeightedSampler(contrast, { warmupSteps, seed: step });
    sampler.setStep(step);
    if (mode[i] === "permutation") expect(new Set(sampler.indices()).size).toBe(contrast.length);
    return { alpha: sampler.alpha, weights: [...sampler.weights()] };
  });
  expectClose(
    "alpha",
    found.map(({ alpha }) => alpha),
    outputs.alpha!,
  );
  expectClose(
    "weights",
    found.flatMap(({ weights }) => weights),
    outputs.weights!,
  );
}

function contrasts({ inputs, outputs }: GoldenCase): void {
  const names = Object.keys(inputs).map((name) => name.replace(/^stim\./, ""));
  const sessions = Object.values(inputs).map(({ shape, data }) => ({
    frames: shape[0]!,
    stim: Uint8Array.from(data),
  }));
  contrastScores(sessions).forEach((scores, i) => {
    const name = `contrast.${names[i]}`;
    expectClose(name, scores, outputs[name]!);
  });
}

function byDataset({ params, outputs }: GoldenCase): void {
  const { sizes, batch_size: batchSize } = params as { sizes: number[]; batch_size: number };
  const sampler = new ByDatasetBatchSampler(sizes, { batchSize });
  const dropping = new ByDatasetBatchSampler(sizes, { batchSize, dropLast: true });
  expectClose("probability", sampler.probabilities(), outputs.probability!);
  for (const [name, own] of Object.entries({ batches: sampler, batches_drop_last: dropping })) {
    expect([own.batchCount], name).toEqual(outputs[name]!.data);
    expect([...own.batches()], name).toHaveLength(own.batchCount);
  }
}

export const sampler: Check = (golden) => {
  if (golden.params.num_replicas) return distributed(golden);
  if (golden.params.warmup_steps) return contrastWeighted(golden);
  if (golden.params.sizes) return byDataset(golden);
  return contrasts(golden);
};
