import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ModelCheckpoint } from "../../lib/callbacks/model-checkpoint";
import { tf } from "../../lib/engine";
import { arrayBatches } from "../../lib/layers/array-batches";
import { indexBatches } from "../../lib/layers/index-batches";
import type { Callback } from "../../lib/protocols/callback";
import type { BatchSource, TracedBatch } from "../../lib/protocols/module";
import { readState } from "../../lib/trainer/checkpoint/checkpoint";
import { convertPosition } from "../../lib/trainer/checkpoint/resume-position";
import type { Batching } from "../../lib/trainer/checkpoint/state";
import type { TrainerOptions } from "../../lib/trainer/options";
import { Trainer } from "../../lib/trainer/trainer";
import { newFolder } from "../new-folder";

let warned: string[];
beforeEach(() => {
  warned = [];
  vi.spyOn(console, "warn").mockImplementation((text) => void warned.push(String(text)));
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** A module that records the numbers of the samples that it receives. */
function noting(samples: number) {
  const w = tf.variable(tf.scalar(0));
  const served: number[][] = [];
  const source = indexBatches({ train: samples });
  return {
    ...source,
    *trainBatches(request: Parameters<BatchSource["trainBatches"]>[0]) {
      for (const batch of source.trainBatches(request) as Iterable<{ index: Int32Array }>) {
        served.push([...batch.index]);
        yield batch;
      }
    },
    served,
    parameters: [{ name: "w", variable: w, decay: false }],
    loss: ({ index }: TracedBatch) => ({
      loss: tf.mean(tf.square(tf.sub(tf.mul(tf.cast(index!, "float32"), w), 1))) as tf.Scalar,
    }),
  };
}

/**
 * Trains one epoch that is stopped after `batches` and resumed with other options. Returns how often each sample was
 * used in it.
 */
async function interrupted(samples: number, batches: number, first: TrainerOptions, then: TrainerOptions) {
  const dir = newFolder();
  const module = noting(samples);
  let [count, trained] = [0, 0];
  const stop: Callback = {
    onTrainBatchEnd: (context) => {
      if (++count === batches) context.stop("interrupted");
    },
  };
  const look: Callback = { onTrainBatchEnd: () => void trained++ };
  const train = (more: TrainerOptions, callback: Callback) =>
    new Trainer({ dir, maxEpochs: 1, ...more, callbacks: [callback, new ModelCheckpoint()] }).fit(module);
  await train(first, stop);
  const seen = module.served.splice(0).slice(0, batches).flat();
  await train({ resume: "auto", ...then }, look);
  seen.push(...module.served.slice(0, trained).flat());
  const times = new Array<number>(samples).fill(0);
  for (const sample of seen) times[sample]!++;
  return { never: times.filter((n) => n === 0).length, again: times.filter((n) => n > 1).length, trained };
}

describe("a run that is resumed within an epoch sees each sample of the epoch once", () => {
  test.each<[string, TrainerOptions, TrainerOptions, number]>([
    ["batches twice as large", { batchSize: 4 }, { batchSize: 8 }, 6],
    ["batches half as large", { batchSize: 8 }, { batchSize: 4 }, 4],
    [
      "more batches in a step",
      { batchSize: 4, accumulateGradBatches: 2 },
      { batchSize: 4, accumulateGradBatches: 4 },
      12,
    ],
    [
      "fewer batches in a step",
      { batchSize: 4, accumulateGradBatches: 4 },
      { batchSize: 4, accumulateGradBatches: 2 },
      12,
    ],
    ["larger batches, several in a step", { batchSize: 4 }, { batchSize: 8, accumulateGradBatches: 2 }, 6],
  ])("with %s", async (_, first, then, trained) => {
    expect(await interrupted(80, 8, first, then)).toEqual({ never: 0, again: 0, trained });
    expect(warned).toEqual([]);
  });

  test("with gradients that were waiting for the rest of a step", async () => {
    const [first, then] = [
      { batchSize: 4, accumulateGradBatches: 4 },
      { batchSize: 4, accumulateGradBatches: 2 },
    ];
    // Two of the six batches had not led to a step: they are served again, in steps of two.
    expect(await interrupted(80, 6, first, then)).toEqual({ never: 0, again: 8, trained: 16 });
    expect(warned).toEqual([]);
  });
});

describe("warns about state that cannot be converted", () => {
  test("batches whose boundaries do not match the earlier ones", async () => {
    const found = await interrupted(80, 7, { batchSize: 4 }, { batchSize: 8 });
    expect(found).toEqual({ never: 0, again: 4, trained: 7 });
    expect(warned).toEqual([
      "the run continues within a pass over the data in batches of 8 samples instead of 4: 4 samples of the pass are seen a second time",
    ]);
  });

  test("another seed", async () => {
    await interrupted(80, 8, { batchSize: 4 }, { batchSize: 4, seed: 1 });
    expect(warned).toEqual([
      "`seed` is 1 and was 0: the rest of this pass over the data is served in another order, so some of its samples are left out and others seen twice",
    ]);
  });

  test("another number of steps in an epoch", async () => {
    const [first, then] = [
      { batchSize: 4, stepsPerEpoch: 20 },
      { batchSize: 4, stepsPerEpoch: 5 },
    ];
    expect((await interrupted(80, 8, first, then)).trained).toBe(0);
    expect(warned).toEqual([
      "an epoch has 5 steps (20 samples) and had 20 (80 samples): the current epoch ends by the new number, and the order of the samples stays the same",
    ]);
  });

  test("gradients that were waiting at the end of a pass", () => {
    const before = { ...BATCHING, perStep: 4 };
    const feed = { pass: 1, batch: 1, taken: 11 };
    const { warnings, dropsGradients } = convertPosition(
      { ...START, feed, step: 2, batching: before },
      BATCHING,
    );
    expect(dropsGradients).toBe(true);
    expect(warnings).toEqual([
      "gradients of 8 samples from the pass before were waiting for a step of other batches; they are dropped, and these samples are not served again",
    ]);
  });
});

test("does not warn at the end of a pass whose last samples would not fill a batch of the new size", () => {
  const feed = { pass: 0, batch: 21, taken: 21 };
  const saved = { ...START, feed, step: 21, batching: { ...BATCHING, stepsPerEpoch: 21 } };
  const { warnings } = convertPosition(saved, { ...BATCHING, batchSize: 8, stepsPerEpoch: 10 }, 10);
  expect(warnings).toEqual([]);
});

const BATCHING: Batching = {
  batchSize: 4,
  worldSize: 1,
  perStep: 1,
  stepsPerEpoch: 20,
  overfitBatches: 0,
  seed: 0,
};
const START = { within: { batches: 0, sum: 0, counted: 0 } };

describe("sees each sample of the pass once on another number of processes", () => {
  const indices = (batch: object) => [...(batch as { index: Int32Array }).index];
  const rows = (batch: object) => [...(batch as { x: tf.Tensor }).x.dataSync()];
  const sources: [string, BatchSource, (batch: object) => number[]][] = [
    ["indexBatches", indexBatches({ train: 160 }), indices],
    ["arrayBatches", arrayBatches({ x: Float32Array.from({ length: 160 }, (_, i) => i) }), rows],
  ];
  const ways = [
    [1, 2],
    [2, 1],
    [2, 4],
    [4, 1],
  ] as const;
  test.each(sources.flatMap((source) => ways.map(([from, to]) => [...source, from, to] as const)))(
    "%s: from $3 to $4",
    async (_, source, samplesOf, from, to) => {
      const request = { batchSize: 4, seed: 3, pass: 1 };
      const part = async (worldSize: number, begin: number, end = Number.POSITIVE_INFINITY) => {
        const seen: number[] = [];
        for (let rank = 0; rank < worldSize; rank++) {
          let number = begin;
          for await (const batch of source.trainBatches({ ...request, rank, worldSize, from: begin })) {
            if (number++ >= end) break;
            seen.push(...samplesOf(batch));
          }
        }
        return seen;
      };
      const stopped = 8 / from;
      const steps = (worldSize: number) => ({ ...BATCHING, worldSize, stepsPerEpoch: 40 / worldSize });
      const within = { batches: stopped, sum: 3 * stopped, counted: stopped };
      const feed = { pass: 1, batch: stopped, taken: stopped };
      const saved = { feed, within, step: stopped, batching: steps(from) };
      const position = convertPosition(saved, steps(to));
      expect(position.warnings).toEqual([]);
      expect(position.within).toEqual({ batches: 8 / to, sum: 24 / to, counted: 8 / to });
      const seen = [...(await part(from, 0, stopped)), ...(await part(to, position.feed.batch))];
      expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 160 }, (_, i) => i));
    },
  );
});

test("resumes a checkpoint within an epoch where batches are not full or their size has changed", async () => {
  const dir = newFolder();
  const stopAt = (step: number): Callback => ({
    onTrainBatchEnd: (context) => {
      if (context.step === step) context.stop("interrupted");
    },
  });
  const module = noting(80);
  const train = (batchSize: number, step: number) =>
    new Trainer({ dir, maxEpochs: 1, batchSize, resume: "auto", callbacks: [stopAt(step)] }).fit(module);
  await train(4, 7);
  const { kept } = await train(8, 9);
  expect(readState(kept.last!).within.counted).toBe(5.5);
  expect((await train(8, 100)).stopped).toBe("completed");
});
