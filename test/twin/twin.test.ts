import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { ModelCheckpoint } from "../../lib/callbacks/model-checkpoint";
import { simulateSessions } from "../../lib/data";
import { tf } from "../../lib/engine";
import { Trainer } from "../../lib/trainer/trainer";
import { loadExperiment } from "../../lib/twin/experiment";
import { loadTwin } from "../../lib/twin/load-twin";
import type { Twin } from "../../lib/twin/twin";
import type { TwinModule } from "../../lib/twin/twin-module";
import { newFolder } from "../new-folder";

const dir = newFolder();
const SIZE = 17;
let experiment: TwinModule;
let twin: Twin;
let movie: { shape: number[]; values: Uint8Array };

/** A small twin of two sessions, whose recordings are moved away before it is loaded. */
beforeAll(async () => {
  const sessions = join(dir, "sessions");
  const made = await simulateSessions({ outDir: sessions, sessions: 2, units: 3, frames: 2000 });
  const demo = readFileSync("configs/sessions/demo.yaml", "utf8")
    .replace(/session_dir:.*/, "session_dir: sessions")
    .replace(/sessions:\n( {2}- .*\n)+/, `sessions: [${made.map(({ session }) => session)}]\n`);
  writeFileSync(join(dir, "sessions.yaml"), demo);
  const files = { model: "configs/models/quickstart.yaml", sessions: join(dir, "sessions.yaml") };
  experiment = await loadExperiment(files);
  const callbacks = [new ModelCheckpoint({ monitor: "val_bps_overall", mode: "max" })];
  const run = { name: "small", dir, maxEpochs: 1, stepsPerEpoch: 5, batchSize: 16, callbacks };
  await new Trainer(run).fit(experiment);
  renameSync(sessions, join(dir, "moved"));
  twin = await loadTwin(join(dir, "small"));
  const { stim } = experiment.sessions[0]!;
  movie = { shape: [600, SIZE, SIZE], values: (stim as Uint8Array).subarray(0, 600 * SIZE * SIZE) };
}, 120_000);

const largest = (a: ArrayLike<number>, b: ArrayLike<number>) => {
  expect(a.length).toBe(b.length);
  return Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]!)));
};

test("a twin has its sessions, units, sampling rate and pixel size without the recordings", () => {
  expect(twin.sessions).toEqual(experiment.sessions.map(({ name, cids }) => ({ name, cids })));
  const lags = [10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0];
  expect(twin.view).toEqual({
    height: SIZE,
    width: SIZE,
    channels: 1,
    lags,
    samplingRate: 120,
    pixelsPerDegree: 12,
  });
});

test("responds to the recording's own movie as the experiment predicts, in one part or in several", async () => {
  const frames = Array.from({ length: 590 }, (_, t) => t + 10);
  for (const session of [0, 1]) {
    // The second session's readout on the first session's movie.
    const { shape, values } = await twin.respond(movie, { session });
    expect(shape).toEqual([600, 3]);
    if (session === 0)
      expect(largest(values.subarray(30), await experiment.predict(0, frames))).toBeLessThan(1e-6);
  }
  const all = await twin.respond(movie);
  const [first, second] = await Promise.all([0, 1].map((session) => twin.respond(movie, { session })));
  expect(all.shape).toEqual([600, 6]);
  const columns = (from: number) => Array.from(all.values).filter((_, i) => Math.floor((i % 6) / 3) === from);
  expect(columns(0)).toEqual(Array.from(first!.values));
  expect(columns(1)).toEqual(Array.from(second!.values));
});

test("units are chosen by session and id, in the given order", async () => {
  const [{ name, cids }] = twin.sessions as [Twin["sessions"][number]];
  const all = await twin.respond(movie, { session: name });
  const two = await twin.respond(movie, { session: name, units: [cids[2]!, cids[0]!] });
  expect(two.shape).toEqual([600, 2]);
  expect(Array.from(two.values.subarray(0, 2))).toEqual([all.values[2], all.values[0]]);
  const unknown = twin.respond(movie, { session: name, units: [99] });
  await expect(unknown).rejects.toThrow(`twin: units: has 99, but ${name} has ${cids.join(", ")}`);
  await expect(twin.respond(movie, { session: "x" })).rejects.toThrow(/session: "x"/);
  await expect(twin.respond(movie, { units: [1] })).rejects.toThrow(
    "twin: units: needs a session, because ids are those of one",
  );
});

test("the same movie as bytes, as normalised numbers, in a tensor and in parts has the same response", async () => {
  const numbers = Float32Array.from(movie.values, (x) => (x - 127) / 255);
  const tensor = tf.tensor(movie.values, movie.shape, "int32");
  const pixels = SIZE * SIZE;
  const read = (from: number, to: number) => movie.values.subarray(from * pixels, to * pixels);
  const { values } = await twin.respond(movie);
  for (const same of [{ shape: movie.shape, values: numbers }, tensor, { shape: movie.shape, read }])
    expect(largest((await twin.respond(same)).values, values)).toBe(0);
  tensor.dispose();
});

test("the frames before the first one are grey, or repeat it", async () => {
  const still = { shape: [30, SIZE, SIZE], values: new Uint8Array(30 * SIZE * SIZE).fill(200) };
  const [grey, first] = await Promise.all([twin.respond(still), twin.respond(still, { before: "first" })]);
  const row = ({ values }: { values: Float32Array }, t: number) => values.subarray(6 * t, 6 * t + 6);
  expect(largest(row(first, 0), row(first, 29))).toBeLessThan(1e-6);
  expect(largest(row(grey, 0), row(grey, 29))).toBeGreaterThan(1e-4);
  expect(largest(row(grey, 10), row(first, 10))).toBeLessThan(1e-6);
});

test("frames of another size are cropped at their centre, or an error that says the size", async () => {
  const larger = new Uint8Array(20 * 21 * 19).map((_, i) => i % 251);
  const centre = new Uint8Array(20 * SIZE * SIZE);
  for (let t = 0; t < 20; t++)
    for (let y = 0; y < SIZE; y++)
      for (let x = 0; x < SIZE; x++)
        centre[(t * SIZE + y) * SIZE + x] = larger[(t * 21 + y + 2) * 19 + x + 1]!;
  const shown = { shape: [20, 21, 19], values: larger };
  const cropped = await twin.respond(shown, { crop: "center" });
  expect(
    largest(cropped.values, (await twin.respond({ shape: [20, SIZE, SIZE], values: centre })).values),
  ).toBe(0);
  await expect(twin.respond(shown)).rejects.toThrow(
    'stimulus: shape: is [20,21,19], but the model sees [frames, 17, 17]; crop: "center" (--crop center) cuts larger frames at their centre',
  );
  const small = { shape: [20, 9, 9], values: new Uint8Array(20 * 81) };
  await expect(twin.respond(small, { crop: "center" })).rejects.toThrow(
    "stimulus: shape: is [20,9,9], but the model sees [frames, 17, 17]",
  );
});

test("a stage's activations have a row for each frame, and a twin without its convnet does not see", async () => {
  const { shape, values } = await twin.activations("convnet", movie);
  expect(shape.slice(0, 2)).toEqual([600, 1]);
  expect(shape[4]).toBe(64);
  expect(values.length).toBe(shape.reduce((a, b) => a * b, 1));
  const blind = twin.ablated("convnet");
  const rates = await blind.respond(movie);
  expect(largest(rates.values.subarray(0, 6), rates.values.subarray(3000, 3006))).toBe(0);
  const partly = twin.ablated("convnet", [0]);
  const [all, without] = await Promise.all([twin.respond(movie), partly.respond(movie)]);
  expect(largest(all.values, without.values)).toBeGreaterThan(0);
  blind.dispose();
  partly.dispose();
  expect((await twin.respond(movie)).values).toEqual(all.values);
});

test("rejects folders without a checkpoint, and checkpoints that are not those of a twin", async () => {
  mkdirSync(join(dir, "empty"), { recursive: true });
  await expect(loadTwin(join(dir, "empty"))).rejects.toThrow(
    `${join(dir, "empty")}: holds no checkpoint; give a run's folder or a .safetensors file`,
  );
  await expect(loadTwin(join(dir, "none.safetensors"))).rejects.toThrow(/none.safetensors/);
});

test("a movie of bytes gets the transforms of a run that stored transformed movies", async () => {
  const files = { model: "configs/models/quickstart.yaml", sessions: join(dir, "transformed.yaml") };
  const text = readFileSync(join(dir, "sessions.yaml"), "utf8").replace(
    "session_dir: sessions",
    "session_dir: moved",
  );
  writeFileSync(
    files.sessions,
    text.replace("ops: [pixelnorm: {}]", "ops: [pixelnorm: {}, diff: {axis: 0}]"),
  );
  const other = await loadExperiment({ ...files, dsetDtype: "float32" });
  const run = { name: "transformed", dir, maxEpochs: 1, stepsPerEpoch: 2, batchSize: 16 };
  await new Trainer(run).fit(other);
  const loaded = await loadTwin(join(dir, "transformed"));
  const { values } = await loaded.respond(movie, { session: 0 });
  const frames = Array.from({ length: 590 }, (_, t) => t + 10);
  expect(largest(values.subarray(30), await other.predict(0, frames))).toBeLessThan(1e-6);
  loaded.dispose();
}, 60_000);
