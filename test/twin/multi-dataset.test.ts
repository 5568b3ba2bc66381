import fc from "fast-check";
import { expect, test } from "vitest";
import type { PreparedSession } from "../../lib/data";
import {
  MultiDatasetDM,
  type MultiDatasetOptions,
  type SessionBatch,
} from "../../lib/data/serving/multi-dataset";

/** A session of frames whose first pixel is the frame's number; three of four frames train, the others validate. */
function session(name: string, frames: number, contrast: (t: number) => number = () => 1): PreparedSession {
  const all = Array.from({ length: frames }, (_, t) => t);
  return {
    name,
    subject: name,
    file: `${name}.h5`,
    cids: [1, 2],
    frames,
    height: 1,
    channels: 1,
    responses: "counts",
    width: 2,
    samplingRate: 120,
    stim: Uint8Array.from(all.flatMap((t) => [100 - 50 * contrast(t), 100 + 50 * contrast(t)])),
    robs: new Float32Array(2 * frames),
    dfs: new Uint8Array(frames).fill(1),
    dfsColumns: 1,
    eyepos: new Float32Array(2 * frames),
    trialInds: Int32Array.from(all, (t) => t >> 3),
    lags: [0],
    train: Int32Array.from(all.filter((t) => t % 4 > 0)),
    heldOut: {},
    validation: Int32Array.from(all.filter((t) => t % 4 === 0)),
    parts: [],
    downsampling: 1,
    config: { keys_lags: {} } as PreparedSession["config"],
  };
}

/** Returns the rows of samples that count. */
const rows = (batches: Iterable<SessionBatch>) =>
  [...batches].flatMap(({ dataset, frame }) => [...frame].filter((_, i) => dataset[i]! >= 0));

const arbitrary = fc.record({
  lengths: fc.array(fc.integer({ min: 4, max: 60 }), { minLength: 1, maxLength: 4 }),
  batchSize: fc.integer({ min: 1, max: 9 }),
  worldSize: fc.integer({ min: 1, max: 5 }),
  seed: fc.nat(),
  pass: fc.nat(9),
});
const dataOf = (lengths: number[], options: MultiDatasetOptions = {}) =>
  new MultiDatasetDM(
    lengths.map((frames, i) => session(`s${i}`, frames)),
    options,
  );

test("serves each training sample to one rank once, for all sessions, batches, ranks and seeds", () => {
  fc.assert(
    fc.property(arbitrary, ({ lengths, worldSize, ...request }) => {
      const data = dataOf(lengths, { dropLast: false });
      const ranks = Array.from({ length: worldSize }, (_, rank) => [
        ...data.trainBatches({ ...request, rank, worldSize }),
      ]);
      for (const batches of ranks)
        expect(batches).toHaveLength(data.trainBatchCount(request.batchSize, worldSize));
      const seen = ranks.flatMap((batches) => rows(batches));
      const all = data.sessions.flatMap(({ train }, i) => [...train].map((t) => t + data.offsets[i]!));
      expect([...new Set(seen)].sort((a, b) => a - b)).toEqual(all);
      // Padding to equal lengths adds less than one sample per rank.
      expect(seen.length - all.length).toBeLessThan(worldSize);
    }),
  );
});

test("serves each validation sample exactly once, with equally many full batches on each rank", () => {
  fc.assert(
    fc.property(arbitrary, ({ lengths, worldSize, ...request }) => {
      const data = dataOf(lengths);
      const ranks = Array.from({ length: worldSize }, (_, rank) => [
        ...data.validationBatches({ ...request, rank, worldSize }),
      ]);
      expect(new Set(ranks.map((batches) => batches.length)).size).toBe(1);
      if (worldSize === 1) expect(ranks[0]).toHaveLength(data.validationBatchCount(request.batchSize));
      for (const { frame } of ranks.flat()) expect(frame).toHaveLength(request.batchSize);
      const all = data.sessions.flatMap(({ validation }, i) =>
        [...validation].map((t) => t + data.offsets[i]!),
      );
      expect(ranks.flatMap((batches) => rows(batches)).sort((a, b) => a - b)).toEqual(all);
    }),
  );
});

test("resumes a pass at any batch, however batches are made", () => {
  fc.assert(
    fc.property(
      arbitrary,
      fc.boolean(),
      fc.boolean(),
      fc.constantFrom("total", "longest", "shortest"),
      fc.nat(5),
      ({ lengths, ...rest }, homogeneousBatches, enableCurriculum, epochLength, from) => {
        const options = { homogeneousBatches, enableCurriculum, epochLength, dropLast: false };
        const data = dataOf(lengths, { ...options, warmupSteps: 6 });
        const request = { ...rest, rank: 0, stepOf: (batch: number) => batch };
        const whole = [...data.trainBatches(request)];
        expect(whole).toHaveLength(data.trainBatchCount(rest.batchSize, rest.worldSize));
        expect([...data.trainBatches({ ...request, from })]).toEqual(whole.slice(from));
      },
    ),
  );
});

test("makes homogeneous batches of one session; those of two ranks equal one process with twice the size", () => {
  const data = dataOf([40, 80, 12], { homogeneousBatches: true });
  const request = { batchSize: 4, seed: 3, pass: 1 };
  const whole = [...data.trainBatches(request)];
  for (const { dataset } of whole) expect(new Set(dataset).size).toBe(1);
  expect(new Set(whole.map(({ dataset }) => dataset[0])).size).toBe(3);
  const [even, odd] = [0, 1].map((rank) => [...data.trainBatches({ ...request, rank, worldSize: 2 })]);
  const twice = [...data.trainBatches({ ...request, batchSize: 8 })];
  expect(even).toHaveLength(twice.length);
  twice.forEach(({ dataset, frame }, b) => {
    expect(Int32Array.from(frame, (_, i) => [even, odd][i % 2]![b]!.frame[i >> 1]!)).toEqual(frame);
    expect(Int32Array.from(dataset, (_, i) => [even, odd][i % 2]![b]!.dataset[i >> 1]!)).toEqual(dataset);
  });
});

test("bases the length of an epoch on all samples, the longest session or the shortest one", () => {
  const counts = (epochLength: MultiDatasetOptions["epochLength"] & string) => {
    const data = dataOf([16, 64], { epochLength });
    const batches = [...data.trainBatches({ batchSize: 12, seed: 0, pass: 0 })];
    return [0, 1].map((d) =>
      batches.reduce((n, { dataset }) => n + dataset.filter((i) => i === d).length, 0),
    );
  };
  expect(counts("total")).toEqual([12, 48]);
  expect(counts("longest")).toEqual([48, 48]);
  expect(counts("shortest")).toEqual([12, 12]);
});

test("moves the curriculum's weights with the steps of an epoch: blank frames come at its end", () => {
  const data = new MultiDatasetDM([session("a", 400, (t) => Number(t % 8 < 4))], {
    enableCurriculum: true,
    warmupSteps: 10,
  });
  const blank = ({ frame }: SessionBatch) => frame.filter((t) => t % 8 >= 4).length;
  const found = [...data.trainBatches({ batchSize: 10, seed: 0, pass: 0, stepOf: (b) => b })].map(blank);
  expect(found.slice(0, 10)).toEqual(new Array(10).fill(0));
  expect(found.slice(10).reduce((a, b) => a + b, 0)).toBeGreaterThan(50);
});

test("names a session of blank frames from which a curriculum could make no batch", () => {
  const sessions = [session("seen", 40), session("dark", 40, () => 0)];
  const made = (homogeneousBatches: boolean) =>
    new MultiDatasetDM(sessions, { enableCurriculum: true, homogeneousBatches });
  expect(() => made(true)).toThrow(
    "MultiDatasetDM: dark: every training frame is blank, and a curriculum draws no blank frames, so there is no batch of this session alone; leave the session out, or set homogeneousBatches or enableCurriculum to false",
  );
  const batches = [...made(false).trainBatches({ batchSize: 10, seed: 0, pass: 0 })];
  expect(new Set(batches.flatMap(({ dataset }) => [...dataset]))).toEqual(new Set([0]));
});

test("includes every session in the first validation batches, with the same samples in every epoch", () => {
  const data = dataOf([80, 80, 80]);
  const first = (pass: number) => data.validationBatches({ batchSize: 20, seed: 0, pass }).next().value!;
  expect(new Set(first(0).dataset)).toEqual(new Set([0, 1, 2]));
  expect(first(1)).toEqual(first(0));
});

test("collates a batch into one group for each of its sessions", () => {
  const data = dataOf([8, 8, 8]);
  const batch = { dataset: Int32Array.of(2, 0, 2, -1), frame: Int32Array.of(17, 3, 22, 17) };
  expect(data.groupCollate(batch)).toEqual([
    { datasetIdx: 0, frames: Int32Array.of(3) },
    { datasetIdx: 2, frames: Int32Array.of(1, 6) },
  ]);
});

test("summarises the data, and rejects data that cannot be served", () => {
  const data = dataOf([8, 40]);
  expect(String(data.summary())).toBe(
    [
      "2 sessions, 4 units, 48 frames, 1 MB of movies",
      "session  units  frames  trials  valid  train  validation  movie (MB)",
      "s0           2       8       1      1      6           2  0.00001600",
      "s1           2      40       5      1     30          10  0.00008000",
    ].join("\n"),
  );
  expect(() => [...data.trainBatches({ batchSize: 64, seed: 0, pass: 0 })]).toThrow(
    "MultiDatasetDM: batchSize: 64 samples in a batch are more than the 36 training samples; make it smaller, or set dropLast to false",
  );
  expect(() => new MultiDatasetDM(data.sessions, { epochLength: "longst" as "longest" })).toThrow(
    'MultiDatasetDM: epochLength: "longst" is not one of: total, longest, shortest (did you mean "longest"?)',
  );
});
