import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Worker } from "node:worker_threads";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { simulateSessions } from "../../lib/data";
import { onDevice } from "../../lib/data/serving/device-budget";
import { MultiDatasetDM, type MultiDatasetOptions } from "../../lib/data/serving/multi-dataset";
import { memory } from "../../lib/engine";
import type { Callback } from "../../lib/protocols/callback";
import type { TrainerOptions } from "../../lib/trainer/options";
import { Trainer } from "../../lib/trainer/trainer";
import { loadExperiment } from "../../lib/twin/experiment";
import { run } from "../engine/child";
import { SMALL } from "../model/configs";
import { newFolder } from "../new-folder";

const dir = newFolder();
const NAMES = ["luke_2031-03-01", "allen_2031-03-01", "milo_2031-03-01"];
/** The bytes of a session's movie, 1440 frames of 11 × 11 pixels. */
const SESSION = 1440 * 121;
/** The bytes of a session's responses, 3 units of one byte, and of its filter. */
const RESPONSES = 1440 * 4;

beforeAll(async () => {
  await simulateSessions({ outDir: dir, sessions: 3, frames: 1200, units: 3, size: 11 });
  const sessions = {
    types: ["backimage", "gaborium"],
    sessions: NAMES,
    keys_lags: { stim: [0, 1, 2, 3, 4, 5] },
    datafilters: { dfs: { ops: [{ valid_nlags: { n_lags: 6 } }] } },
  };
  writeFileSync(join(dir, "sessions.yaml"), JSON.stringify(sessions));
  writeFileSync(join(dir, "model.yaml"), JSON.stringify(SMALL));
});
afterEach(() => {
  vi.restoreAllMocks();
});

const experiment = (options: MultiDatasetOptions = {}) =>
  loadExperiment({ model: join(dir, "model.yaml"), sessions: join(dir, "sessions.yaml"), ...options });

/** A batch size whose last validation batch must be padded. */
const base: TrainerOptions = {
  batchSize: 48,
  maxEpochs: 2,
  stepsPerEpoch: 4,
  seed: 5,
  optimizer: { lr: 0.01 },
};

/** Fits a model, in two parts if `stop` is given. Returns the losses of all batches, validations, weights and rates. */
async function trained(options: MultiDatasetOptions, stopAfter?: number) {
  const losses: number[] = [];
  const noting: Callback = {
    onTrainBatchEnd(context, { loss }) {
      losses.push(loss);
      if (losses.length === stopAfter) context.stop("interrupted");
    },
  };
  const name = `fit-${Math.random()}`;
  for (;;) {
    // A new module, as in another process.
    const twin = await experiment(options);
    const trainer = new Trainer({ ...base, dir, name, callbacks: [noting], resume: "auto" });
    const run = await trainer.fit(twin);
    if (run.stopped === "completed") {
      const weights = twin.parameters.map(({ variable }) => [...variable.dataSync()]);
      const rates = [];
      for (const [i, { validation }] of twin.sessions.entries())
        rates.push([...(await twin.predict(i, validation.subarray(0, 300)))]);
      twin.dispose();
      return { losses, history: run.history, weights, rates };
    }
    expect(run.stopped).toBe("interrupted");
    twin.dispose();
  }
}

test.each([
  ["uint8", { homogeneousBatches: false, enableCurriculum: true }, 1],
  ["uint8", { homogeneousBatches: true }, 1],
  ["float32", { homogeneousBatches: false }, 4],
  ["bfloat16", { homogeneousBatches: true, dropLast: false }, 2],
] as const)(
  "%s movies and responses in host memory, all or some of them, train to the same bits as on the device (%o)",
  async (dsetDtype, options, bytes) => {
    const resident = await trained({ ...options, dsetDtype });
    expect(new Set(resident.losses).size).toBe(8);
    // The limits leave nothing on the device, and then all movies with the responses of one session.
    for (const deviceBudget of [0, 3 * SESSION * bytes + 1.5 * RESPONSES])
      expect(await trained({ ...options, dsetDtype, deviceBudget })).toEqual(resident);
  },
);

test.each([
  ["uint8", { movieCache: "1 kB" }],
  ["uint8", { movieCache: "100 kB", homogeneousBatches: true, dropLast: false }],
  ["uint8", { movieCache: "1 GB", deviceBudget: SESSION, enableCurriculum: true }],
  ["bfloat16", { movieCache: "400 kB" }],
] as const)(
  "%s movies that stay in their files train to the same bits as on the device (%o)",
  async (dsetDtype, options) => {
    const { movieCache: _, ...others } = { deviceBudget: undefined, ...options };
    const resident = await trained({ ...others, deviceBudget: undefined, dsetDtype });
    expect(await trained({ ...options, dsetDtype })).toEqual(resident);
  },
);

test("rejects a transform that needs the whole movie when movies stay in their files", async () => {
  const parent = JSON.parse(readFileSync(join(dir, "sessions.yaml"), "utf8"));
  const transforms = { stim: { ops: [{ mul: 2 }, { smooth: { params: 1 } }] } };
  writeFileSync(join(dir, "smooth.yaml"), JSON.stringify({ ...parent, transforms }));
  const loading = MultiDatasetDM.load(join(dir, "smooth.yaml"), { dsetDtype: "float32", movieCache: "1 MB" });
  await expect(loading).rejects.toThrow(
    `${join(dir, NAMES[0]!)}.h5: transforms.stim.ops.1.smooth: needs the whole movie, but the movie is streamed from its file (\`movieCache\`); allowed: pixelnorm, mul, symlog, cast, unsqueeze; or leave out \`movieCache\``,
  );
});

test("resumes in the middle of an epoch with the same batches when movies are in host memory", async () => {
  const whole = await trained({ deviceBudget: "0.2 MB" });
  expect(await trained({ deviceBudget: "0.2 MB" }, 6)).toEqual(whole);
});

test("ends the threads with the fit and leaves no tensor", async () => {
  const ended = vi.spyOn(Worker.prototype, "terminate");
  const before = memory().tensors;
  const twin = await experiment({ deviceBudget: 0 });
  await new Trainer({ ...base, dir, name: "ends" }).fit(twin);
  const threads = ended.mock.contexts as Worker[];
  expect(threads.length).toBeGreaterThanOrEqual(3);
  for (const thread of threads) expect(thread.threadId).toBe(-1);
  twin.dispose();
  expect(memory().tensors).toBe(before);
});

test("reports an error in the thread as the fit's error, and ends the thread", async () => {
  const ended = vi.spyOn(Worker.prototype, "terminate");
  const twin = await experiment({ deviceBudget: 0 });
  const serve = twin.data.trainBatches.bind(twin.data);
  vi.spyOn(twin.data, "trainBatches").mockImplementation(function* (request) {
    let number = 0;
    for (const batch of serve(request)) {
      if (number++ === 2) batch.frame[7] = 1_000_000;
      yield batch;
    }
  });
  await expect(new Trainer({ ...base, dir, name: "fails" }).fit(twin)).rejects.toThrow(
    "frame 997115 was requested, but the session has frames 0 to 1439",
  );
  for (const thread of ended.mock.contexts as Worker[]) expect(thread.threadId).toBe(-1);
  twin.dispose();
});

test("keeps the process running after a pass that ends with a prefetched batch", () => {
  const { stdout, stderr } = run(`
    const { HostReader } = require(${JSON.stringify(resolve("lib/data/serving/host-reader.ts"))});
    const bytes = { buffer: new SharedArrayBuffer(400), byteOffset: 0, length: 400, type: "Uint8Array" };
    const movies = { movies: [bytes], shape: [2, 2], frameBytes: 4, lags: [0], dtype: "uint8" };
    const batch = (...frames) => ({ session: Int32Array.of(0, 0), frame: Int32Array.from(frames), isPadding: Uint8Array.of(0, 0) });
    for (let pass = 0; pass < 20; pass++) {
      const reader = new HostReader({ movies, tables: [] });
      await reader.read(batch(1, 2));
      reader.read(batch(3, 4));
      // As during a step: the batch is there, and nobody has heard of it.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 30);
      await reader.close();
    }
    console.log("went on");`);
  expect([stdout, stderr]).toEqual(["went on\n", ""]);
});

test("keeps the largest movies that fit on the device, and the others in shared memory", async () => {
  expect(onDevice([5, 9, 3, 9], { deviceBudget: 15 })).toEqual([true, true, false, false]);
  expect(onDevice([5, 9, 3])).toEqual([true, true, true]);
  expect(onDevice([5, 9], { deviceBudget: 0 })).toEqual([false, false]);
  expect(onDevice([5, 9], { movieCache: 1 })).toEqual([false, false]);
  expect(onDevice([5, 5e9])).toEqual([true, false]);
  const { sessions } = await MultiDatasetDM.load(join(dir, "sessions.yaml"), { deviceBudget: SESSION });
  const shared = sessions.map(({ stim }) => stim.buffer instanceof SharedArrayBuffer);
  expect(shared).toEqual([false, true, true]);
});

test("accepts a budget in bytes or as text with a unit", async () => {
  const of = async (deviceBudget: number | string) =>
    new MultiDatasetDM((await MultiDatasetDM.load(join(dir, "sessions.yaml"))).sessions, { deviceBudget })
      .deviceBudget;
  expect(await of("1.5 GiB")).toBe(1.5 * 2 ** 30);
  expect(await of("80GB")).toBe(80e9);
  expect(await of("512")).toBe(512);
  for (const wrong of [-1, Number.NaN, "eight", "8 GiBs", "", null as unknown as string]) {
    const found = typeof wrong === "number" ? wrong : JSON.stringify(wrong);
    await expect(MultiDatasetDM.load(join(dir, "sessions.yaml"), { deviceBudget: wrong })).rejects.toThrow(
      `MultiDatasetDM: deviceBudget: must be bytes, 0 or more, or text such as "8 GiB"; found ${found}`,
    );
  }
});

test("keeps the process running when a thread ends before its answer is read", () => {
  const { stdout, stderr } = run(`
    const { HostReader } = require(${JSON.stringify(resolve("lib/data/serving/host-reader.ts"))});
    const movies = [{ buffer: new SharedArrayBuffer(100), byteOffset: 0, length: 100, type: "Uint8Array" }];
    const reader = new HostReader({ movies: { movies, shape: [10, 10], frameBytes: 100, lags: [0], dtype: "uint8" }, tables: [] });
    const read = () => reader.read({ session: Int32Array.of(0), frame: Int32Array.of(0), isPadding: Uint8Array.of(0) });
    await read();
    void read();
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
    await reader.close();
    console.log("went on");
  `);
  expect({ stdout, stderr }).toEqual({ stdout: "went on\n", stderr: "" });
});
