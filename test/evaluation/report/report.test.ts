import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TensorBoardLogger } from "../../../lib/callbacks/loggers/tensorboard";
import { ModelCheckpoint } from "../../../lib/callbacks/model-checkpoint";
import { readSession, simulateSessions, trueRates } from "../../../lib/data";
import { prepareSession } from "../../../lib/data/prepare";
import { evaluate } from "../../../lib/evaluation/evaluate";
import { Evaluation } from "../../../lib/evaluation/evaluation";
import { repeatedTrials, scoreRepeats } from "../../../lib/evaluation/repeats";
import { ModelLoggingCallback } from "../../../lib/evaluation/report/model-logging";
import { openRun } from "../../../lib/evaluation/report/open-run";
import { featurePictures, type Picture } from "../../../lib/evaluation/report/pictures";
import { rebuildTwin } from "../../../lib/evaluation/report/rebuild";
import { writeReport } from "../../../lib/evaluation/report/report";
import type { Run } from "../../../lib/trainer/run";
import { Trainer } from "../../../lib/trainer/trainer";
import { loadExperiment } from "../../../lib/twin/experiment";
import type { TwinModule } from "../../../lib/twin/twin-module";
import { MAIN } from "../../cli/gradbook";
import { canMount, mounting } from "../../mounting";
import { newFolder } from "../../new-folder";
import { runPython } from "../../python/python";

const dir = newFolder();
let twin: TwinModule;
let run: Run;
const folder = () => join(dir, "runs", "small");

beforeAll(async () => {
  const made = await simulateSessions({
    outDir: join(dir, "sessions"),
    sessions: 2,
    units: 4,
    frames: 6000,
    repeats: 6,
  });
  const sessions = readFileSync("configs/sessions/demo.yaml", "utf8")
    .replace(/session_dir:.*/, "session_dir: sessions")
    .replace(/sessions:\n( {2}- .*\n)+/, `sessions: [${made.map(({ session }) => session)}]\n`);
  writeFileSync(join(dir, "sessions.yaml"), sessions);
  twin = await loadExperiment({
    model: "configs/models/quickstart.yaml",
    sessions: join(dir, "sessions.yaml"),
  });
  run = await new Trainer({
    name: "small",
    dir: join(dir, "runs"),
    maxEpochs: 2,
    stepsPerEpoch: 10,
    batchSize: 32,
    optimizer: { lr: 5e-3 },
    callbacks: [
      new ModelCheckpoint({ monitor: "val_bps_overall", mode: "max" }),
      new ModelLoggingCallback({ fastLogInterval: 1, slowLogInterval: 2 }),
      new TensorBoardLogger(),
    ],
  }).fit(twin);
}, 120_000);
afterAll(() => {
  twin.dispose();
});

test("computes the trainer's bits per spike, and numpy's correlation from the session's file", async () => {
  const evaluation = await evaluate(twin);
  const last = run.history.at(-1)!;
  const [first] = twin.sessions;
  const mean = evaluation.table().rows[0]!["bits per spike"];
  expect(mean).toBeCloseTo(Number(last[`val_bps/${first!.name}`]), 4);
  const frames = first!.validation;
  const rates = await twin.predict(0, frames);
  writeFileSync(join(dir, "predicted.json"), JSON.stringify([[...frames], [...rates]]));
  const expected = JSON.parse(
    await runPython(
      `
import json, sys
import h5py, numpy as np
frames, rates = (np.array(v) for v in json.load(open(sys.argv[2])))
with h5py.File(sys.argv[1]) as f: robs = np.concatenate([f["backimage/robs"][:], f["gaborium/robs"][:]])
rates = rates.reshape(len(frames), -1)
print(json.dumps([np.corrcoef(robs[frames, u], rates[:, u])[0, 1] for u in range(rates.shape[1])]))
`,
      [first!.file, join(dir, "predicted.json")],
    ),
  ) as number[];
  const own = evaluation.units.filter(({ session }) => session === first!.name);
  own.forEach(({ correlation }, i) => {
    expect(correlation).toBeCloseTo(expected[i]!, 5);
  });
  // The scores are the same after writing and reading.
  expect(String(Evaluation.from(JSON.parse(JSON.stringify(evaluation))).table())).toBe(
    String(evaluation.table()),
  );
});

test("scores rescaled rates beside the raw ones, and does not change the other scores", async () => {
  const raw = await evaluate(twin, { triggeredFrames: 0 });
  const rescaled = await evaluate(twin, { triggeredFrames: 0, rescale: "affine" });
  const gain = await evaluate(twin, { triggeredFrames: 0, rescale: "gain" });
  expect(raw.metrics()).not.toHaveProperty("eval/rescaled_bits_per_spike");
  rescaled.units.forEach(({ rescaledBitsPerSpike, ...others }, i) => {
    expect(others).toEqual(raw.units[i]);
    expect(rescaledBitsPerSpike!).toBeGreaterThanOrEqual(gain.units[i]!.rescaledBitsPerSpike! - 1e-4);
    expect(gain.units[i]!.rescaledBitsPerSpike!).toBeGreaterThanOrEqual(others.bitsPerSpike - 1e-4);
  });
  // The fit of a gain makes the mean rate that of the counts, so the bits per spike follow from the definition.
  const [session] = twin.sessions;
  const [units, frames] = [session!.cids.length, session!.validation];
  const rates = await twin.predict(0, frames);
  const bins = [...frames].map((frame, i) => ({ rate: rates[i * units]!, n: session!.robs[frame * units]! }));
  const sum = (of: (bin: (typeof bins)[number]) => number) => bins.reduce((total, bin) => total + of(bin), 0);
  const [spikes, meanRate] = [sum(({ n }) => n), sum(({ rate }) => rate) / bins.length];
  const expected = sum(({ n, rate }) => (n * Math.log2(rate / meanRate)) / spikes);
  expect(gain.units[0]!.rescaledBitsPerSpike).toBeCloseTo(expected, 3);
  expect(Object.keys(rescaled.table().rows[0]!)).toContain("rescaled bits per spike");
});

test("finds repeats by their movies, and scores the true rates close to the signal", async () => {
  const { file, config } = twin.sessions[0]!;
  const repeats = prepareSession(await readSession(file, ["repeats"]), { ...config, types: ["repeats"] });
  const found = repeatedTrials(repeats);
  expect(found.length).toBeLessThanOrEqual(4);
  expect(found.every(({ firsts, length }) => length === 360 && firsts.length >= 3)).toBe(true);
  // Every fourth trial shows the same picture.
  for (const { firsts } of found) expect(new Set(firsts.map((first) => (first / 360) % 4)).size).toBe(1);
  const truth = (await trueRates(repeats))!;
  const units = repeats.cids.length;
  const scores = await scoreRepeats(repeats, found, async (frames) =>
    Float32Array.from([...frames].flatMap((t) => [...truth.subarray(t * units, (t + 1) * units)])),
  );
  for (const score of scores) {
    expect(score!.ccNorm).toBeGreaterThan(0.9);
    expect(score!.ccNorm).toBeLessThan(1.1);
    expect(score!.explained).toBeGreaterThan(0.85);
  }
  expect(repeatedTrials(twin.sessions[0]!)).toEqual([]);
});

test("writes pictures and an evaluation into the folder and for TensorBoard with ModelLoggingCallback", async () => {
  expect(readdirSync(join(folder(), "pictures")).sort()).toEqual([
    "feature-weights",
    "readout-masks",
    "readout-positions",
    "saccades",
    "spatial-kernels",
    "spike-triggered-averages",
    "temporal-kernels",
  ]);
  expect(readdirSync(join(folder(), "pictures", "temporal-kernels"))).toEqual([
    "epoch-001.svg",
    "epoch-002.svg",
  ]);
  expect(readdirSync(join(folder(), "evaluations"))).toEqual(["epoch-002.json"]);
  const { images, correlation } = JSON.parse(
    await runPython(
      `
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
e = EventAccumulator(sys.argv[1]); e.Reload()
print(json.dumps({"images": {t: [i.step for i in e.Images(t)] for t in e.Tags()["images"]}, "correlation": [s.step for s in e.Scalars("eval/correlation")]}))
`,
      [join(folder(), "tensorboard")],
    ),
  );
  expect(images["readout masks"]).toEqual([10, 20]);
  expect(images["spike-triggered averages"]).toEqual([20]);
  expect(correlation).toEqual([20]);
});

test("draws the feature weights of each session's units as a heat map", () => {
  const [{ figure }] = featurePictures(twin, 1) as [Picture];
  const weights = twin.model.parameters.find(({ name }) => name === "readouts.1.features.weight")!.variable;
  expect(figure.panels).toHaveLength(1);
  expect(figure.panels[0]!.title).toMatch(/^allen_\S+: up to ±/);
  const [channels, units] = weights.shape;
  expect(figure.panels[0]!.marks).toMatchObject([{ kind: "image", width: units, height: channels }]);
  expect(figure.panels[0]!.marks[0]).toHaveProperty("values", weights.dataSync());
});

test("rejects a missing session in ModelLoggingCallback before the first step", async () => {
  const callbacks = [new ModelLoggingCallback({ logDatasetIdx: 2 })];
  const trainer = new Trainer({ name: "refused", dir: join(dir, "refused"), maxEpochs: 1, callbacks });
  await expect(trainer.fit(twin)).rejects.toThrow(
    "ModelLoggingCallback: logDatasetIdx: is 2, but the sessions are 0..1",
  );
});

test("reads a run from its folder", () => {
  const found = openRun(folder());
  expect(found.history).toEqual(run.history);
  expect([found.stopped, found.best!.path]).toEqual(["completed", run.kept.best!.path]);
  expect(found.checkpoints.map(({ name }) => name)).toContain("last.safetensors");
  expect(found.config).toMatchObject({ trainer: { name: "small", batchSize: 32 }, input: { units: [4, 4] } });
  expect(found.curves.get("val_bps_overall")).toEqual({
    x: [10, 20],
    y: run.history.map((r) => r.val_bps_overall),
  });
  expect(found.figure().panels.map(({ title }) => title)).toEqual([
    "loss",
    "loss, by part of the data",
    "validation bits per spike",
    "gradient norm",
    "learning rate",
    "samples per second",
  ]);
  expect(String(found.table())).toContain("completed after 2 epochs");
});

test("reads a run up to the partial line that it was writing when it was killed", () => {
  const killed = join(dir, "runs", "killed");
  mkdirSync(killed);
  const lines = readFileSync(join(folder(), "events.jsonl"), "utf8").split("\n").slice(0, 3);
  writeFileSync(join(killed, "events.jsonl"), `${lines.join("\n")}\n{"time": 1, "eve`);
  const found = openRun(killed);
  expect([found.events.length, found.unreadable, found.stopped]).toEqual([3, 1, undefined]);
  rmSync(killed, { recursive: true });
});

test("lists the existing runs when a folder has no run", () => {
  expect(() => openRun(join(dir, "runs", "smal"))).toThrow(
    `${join(dir, "runs", "smal")}: holds no run (no events.jsonl); runs beside it: small`,
  );
});

test("writes a self-contained page, and lists what is missing without the recordings", async () => {
  const page = async () => readFileSync(await writeReport(folder()), "utf8");
  const titles = (html: string) => [...html.matchAll(/<h[23]>([^<]*)<\/h[23]>/g)].map((match) => match[1]);
  const whole = await page();
  expect(whole).not.toMatch(/<(?:script|link|img)[^>]+(?:src|href)="(?!data:)/);
  expect(titles(whole)).toEqual([
    "Training",
    "Scores",
    "What it learned",
    "Temporal kernels",
    "Spatial kernels",
    "Readout masks",
    "Readout positions",
    "Feature weights",
    "Spike-triggered averages",
    "Whitened z-maps",
    "Saccades",
    "How it developed",
    "temporal kernels",
    "spatial kernels",
    "readout masks",
    "readout positions",
    "feature weights",
    "Checkpoints and configuration",
  ]);
  renameSync(join(dir, "sessions"), join(dir, "elsewhere"));
  const alone = await page();
  expect(alone).toContain("Pictures that need the recordings are missing; these files are not here:");
  // The evaluation was kept in the folder.
  expect(titles(alone)).toEqual(
    titles(whole).filter(
      (title) => !["Readout masks", "Readout positions", "Feature weights"].includes(title!),
    ),
  );
  // Rescaled scores need the recordings.
  const doing: string[] = [];
  const rescaled = async () => {
    const onProgress = (activity: string) => doing.push(activity);
    return readFileSync(await writeReport(folder(), { rescale: "affine", onProgress }), "utf8");
  };
  expect(titles(await rescaled())).toEqual(titles(alone));
  expect(doing).toContain("showing the kept scores, because other ones need the recordings");
  renameSync(join(dir, "elsewhere"), join(dir, "sessions"));
  expect(whole).not.toContain("rescaled bits per spike");
  expect(await rescaled()).toContain("rescaled bits per spike");
  expect(await page()).not.toContain("rescaled bits per spike");
  expect(existsSync(join(folder(), "evaluation.json"))).toBe(true);
}, 60_000);

test("evaluates only sessions whose recordings have changed since the last report", async () => {
  const file = join(folder(), "evaluation.json");
  rmSync(file, { force: true });
  await writeReport(folder());
  const whole = readFileSync(file, "utf8");
  const [first, second] = twin.sessions;
  const scored = JSON.parse(whole);
  scored.units.forEach((unit: { bitsPerSpike: number }) => {
    unit.bitsPerSpike = 7;
  });
  writeFileSync(file, JSON.stringify(scored));
  utimesSync(second!.file, new Date(), new Date());
  const doing: string[] = [];
  await writeReport(folder(), { onProgress: (activity) => doing.push(activity) });
  expect(doing).toContain(`evaluating ${second!.name}`);
  const { recordings, ...again } = JSON.parse(readFileSync(file, "utf8"));
  const { recordings: before, ...expected } = JSON.parse(whole);
  expect(recordings[first!.name]).toEqual(before[first!.name]);
  expect(recordings[second!.name].modified).toBeGreaterThan(before[second!.name].modified);
  // The other session keeps its results.
  for (const unit of expected.units) if (unit.session === first!.name) unit.bitsPerSpike = 7;
  expect(again).toEqual(expected);
}, 60_000);

test("lists the sessions of the twin when a name to evaluate is unknown", async () => {
  await expect(evaluate(twin, { sessions: ["luke"] })).rejects.toThrow(
    `evaluate: sessions: the twin has no session luke; it has ${twin.sessions.map(({ name }) => name).join(", ")}`,
  );
});

test.runIf(canMount)(
  "reports a run in a read-only folder to another place, and warns that the evaluation is not saved",
  () => {
    rmSync(join(folder(), "evaluation.json"), { force: true });
    const before = readdirSync(folder());
    const program = `"${process.execPath}" "${MAIN}" report runs/small`;
    const reportOf = (options: string) =>
      mounting(dir, `mount --bind runs runs && mount -o remount,ro,bind runs && ${program} ${options}`);
    const refused = reportOf("");
    expect(refused.stderr.replace(/\.\d+\.tmp/, ".PID.tmp").split("\n")).toEqual([
      "reading the run ...",
      "runs/small: cannot be made or written (EROFS: read-only file system, open 'runs/small/.PID.tmp'); give a folder that you may write",
      "",
    ]);
    expect(refused.status).toBe(2);
    const written = reportOf("--out page.html");
    expect(written.stderr.split("\n")).toEqual([
      "reading the run ...",
      "rebuilding the model ...",
      "evaluating ...",
      expect.stringMatching(
        /^the evaluation is not saved for the next report \(EROFS: read-only file system, .*evaluation\.json.*\) \.\.\.$/,
      ),
      "drawing ...",
      "",
    ]);
    expect([written.status, written.stdout]).toEqual([0, "page.html\n"]);
    expect(readFileSync(join(dir, "page.html"), "utf8")).toContain("<h2>Scores</h2>");
    expect(readdirSync(folder())).toEqual(before);
  },
  60_000,
);

test("rebuilds a run whose movies were kept as floats", async () => {
  const half = await loadExperiment({
    model: "configs/models/quickstart.yaml",
    sessions: join(dir, "sessions.yaml"),
    dsetDtype: "bfloat16",
  });
  const trainer = new Trainer({ name: "half", dir: join(dir, "runs"), maxEpochs: 1, stepsPerEpoch: 2 });
  const done = await trainer.fit(half);
  const again = (await rebuildTwin(openRun(done.folder)))!.twin!;
  expect(again.sessions[0]!.stimDtype).toBe("bfloat16");
  const frames = half.sessions[0]!.validation.slice(0, 5);
  expect(await again.predict(0, frames)).toEqual(await half.predict(0, frames));
  again.dispose();
  half.dispose();
});
