import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ModelCheckpoint } from "../../lib/callbacks/model-checkpoint";
import { simulateSessions } from "../../lib/data";
import { bestPossible, evaluate } from "../../lib/evaluation";
import { Trainer } from "../../lib/trainer/trainer";
import { loadExperiment } from "../../lib/twin/experiment";
import type { TwinModule } from "../../lib/twin/twin-module";
import { MAIN } from "../cli/gradbook";
import { newFolder } from "../new-folder";

const dir = newFolder();
const folder = join(dir, "runs", "held-out");
const [NAME, OTHER] = ["luke_2031-03-01", "allen_2031-03-01"];
let twin: TwinModule;

beforeAll(async () => {
  await simulateSessions({ outDir: dir, sessions: 2, frames: 3000, units: 3, repeats: 4 });
  writeFileSync(
    join(dir, `${NAME}.yaml`),
    "cids: [1, 2, 3]\nsplit: {test: [8, 9, 10, 12, 13, 14, 16, 17, 18]}\n",
  );
  const sessions = {
    types: ["gaborium", "repeats"],
    sessions: [NAME, OTHER],
    keys_lags: { stim: Array.from({ length: 11 }, (_, lag) => lag) },
    datafilters: { dfs: { ops: [{ valid_nlags: 11 }] } },
  };
  writeFileSync(join(dir, "sessions.yaml"), JSON.stringify(sessions));
  twin = await loadExperiment({
    model: "configs/models/quickstart.yaml",
    sessions: join(dir, "sessions.yaml"),
  });
  await new Trainer({
    name: "held-out",
    dir: join(dir, "runs"),
    maxEpochs: 1,
    stepsPerEpoch: 4,
    batchSize: 16,
    callbacks: [new ModelCheckpoint({ monitor: "val_bps_overall", mode: "max" })],
  }).fit(twin);
}, 120_000);
afterAll(() => twin?.dispose());

const cli = (...args: string[]) =>
  execFileSync("node", [MAIN, "evaluate", folder, ...args], { encoding: "utf8" });

test("scores held-out trials once for each unit, and says over how many presentations and bins", async () => {
  const scores = await evaluate(twin, { split: "test" });
  // The other session holds no trials out.
  expect(scores.units.map(({ session, cid }) => [session, cid])).toEqual([1, 2, 3].map((cid) => [NAME, cid]));
  const [session] = twin.sessions;
  const best = (await bestPossible(twin, "test"))!.perUnit();
  scores.units.forEach((unit, i) => {
    expect(unit.bestPossible).toBe(best[i]);
    expect(unit.repeats).toBe(scores.repeats);
    expect(unit.repeats).toBeGreaterThanOrEqual(2);
    expect(unit.repeatBins).toBeGreaterThan(100);
  });
  // Bits per spike by their definition, on the first unit's bins.
  const frames = session!.heldOut.test!;
  const rates = await twin.predict(0, frames);
  const bins = [...frames].map((frame, i) => ({ n: session!.robs[3 * frame]!, rate: rates[3 * i]! }));
  const sum = (of: (bin: (typeof bins)[number]) => number) => bins.reduce((total, bin) => total + of(bin), 0);
  const [spikes, rate] = [sum(({ n }) => n), sum(({ n }) => n) / bins.length];
  const gain = sum((bin) => bin.n * Math.log(bin.rate / rate) - (bin.rate - rate));
  expect(scores.units[0]!.bitsPerSpike).toBeCloseTo(gain / spikes / Math.LN2, 4);
  expect(Object.keys(scores.table().rows[0]!)).toEqual(expect.arrayContaining(["repeats", "bins"]));
  expect(scores.table().title).toBe("scores of test");
});

test("gradbook evaluate prints a table, and writes a CSV file with a row for each unit", () => {
  const printed = cli();
  expect(printed).toMatch(/^scores of test\nsession +units +bits per spike +best possible +correlation/);
  expect(printed).toContain(`scores of each unit: ${join(folder, "scores-test.csv")}`);
  const [head, ...rows] = readFileSync(join(folder, "scores-test.csv"), "utf8").trim().split("\r\n");
  expect(head).toMatch(/^session,unit,bits_per_spike,best_possible,correlation,.*,repeats,repeat_bins$/);
  expect(rows.map((row) => row.split(",").slice(0, 2))).toEqual(["1", "2", "3"].map((cid) => [NAME, cid]));
  const out = join(dir, "new", "validation.csv");
  const json = JSON.parse(cli("--split", "validation", "--json", "--out", out));
  expect(json).toMatchObject({ split: "validation", csv: out });
  expect(json.units).toHaveLength(6);
  expect(readFileSync(out, "utf8").trim().split("\r\n")).toHaveLength(7);
});

test("lists the parts of the sessions for a part that none of them has", () => {
  const { status, stderr } = spawnSync("node", [MAIN, "evaluate", folder, "--split", "final_test"], {
    encoding: "utf8",
  });
  expect(status).toBe(2);
  expect(stderr.trim()).toBe(
    'evaluate: split: no session has trials of "final_test"; they have train, validation, test. Trials are held out by `split` of ' +
      "the sessions' configuration: a covariate `tiers`, or lists of trials",
  );
});

/** Returns the error of a command about a run. */
const refusal = (...args: string[]) => {
  const { status, stderr } = spawnSync("node", [MAIN, ...args], { encoding: "utf8" });
  return [status, stderr.trim()];
};

test("names the recordings that are missing, and a run without a twin", () => {
  const moved = join(dir, "runs", "moved");
  cpSync(folder, moved, { recursive: true });
  const config = join(moved, "config.yaml");
  writeFileSync(config, readFileSync(config, "utf8").replaceAll(dir, join(dir, "away")));
  const [status, message] = refusal("evaluate", moved);
  expect(status).toBe(2);
  const files = [NAME, OTHER].map((name) => join(dir, "away", `${name}.h5`));
  expect(message).toBe(`${moved}: its recordings are not here: ${files.join(", ")}`);
  for (const name of readdirSync(moved, { recursive: true, encoding: "utf8" }))
    if (name.endsWith(".safetensors")) rmSync(join(moved, name));
  expect(refusal("evaluate", moved)).toEqual([
    2,
    `${moved}: holds no digital twin with a checkpoint, so there is nothing to evaluate`,
  ]);
});

test("refuses a submission of recordings that are no Sensorium folders", () => {
  expect(refusal("submission", folder)).toEqual([
    2,
    `${join(dir, `${NAME}.h5`)}: is no Sensorium folder, so there is nothing to submit; train on the folder itself (gradbook convert --link)`,
  ]);
});
