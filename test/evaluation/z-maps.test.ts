import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { MovieValues } from "../../lib/base/dsp/movie";
import { simulateSessions } from "../../lib/data";
import { type Evaluation, evaluate } from "../../lib/evaluation";
import { evaluationPictures } from "../../lib/evaluation/report/pictures";
import { zMapsProblem } from "../../lib/evaluation/z-maps";
import { whitenedZMaps } from "../../lib/metrics";
import { loadExperiment } from "../../lib/twin/experiment";
import type { TwinModule } from "../../lib/twin/twin-module";
import { newFolder } from "../new-folder";

const dir = newFolder();
const NAME = "luke_2031-03-01";
let twin: TwinModule;
let evaluation: Evaluation;

const load = (dsetDtype: "uint8" | "float32") =>
  loadExperiment({
    model: "configs/models/quickstart.yaml",
    sessions: join(dir, "sessions.yaml"),
    dsetDtype,
  });

beforeAll(async () => {
  await simulateSessions({ outDir: dir, sessions: 1, frames: 1200, units: 3 });
  const sessions = {
    types: ["gaborium"],
    sessions: [NAME],
    keys_lags: { stim: Array.from({ length: 11 }, (_, lag) => lag) },
    datafilters: { dfs: { ops: [{ valid_nlags: 11 }] } },
    transforms: { stim: { source: "stim", ops: [{ pixelnorm: {} }], expose_as: "stim" } },
  };
  writeFileSync(join(dir, "sessions.yaml"), JSON.stringify(sessions));
  twin = await load("uint8");
  evaluation = await evaluate(twin, { zMaps: true, pictures: 2 });
}, 120_000);
afterAll(() => twin?.dispose());

test("computes the z-maps of the pictured units at the lags of their largest values", async () => {
  const { robs, lags, train, validation, stim, samplingRate } = twin.sessions[0]!;
  expect(evaluation.zMaps.map(({ cid }) => cid)).toEqual(evaluation.spikeTriggered.map(({ cid }) => cid));
  const frames = Int32Array.from([...validation, ...train]);
  const [pixels, units] = [17 * 17, 3];
  const weights = Float32Array.from({ length: frames.length * units }, (_, i) =>
    Number(robs[frames[Math.floor(i / units)]! * units + (i % units)]!),
  );
  const direct = whitenedZMaps({
    stim: stim as MovieValues & Uint8Array,
    pixels,
    frames,
    weights,
    units,
    lags,
  });
  for (const { cid, sta, ste } of evaluation.zMaps) {
    for (const [map, all] of [
      [sta, direct.sta],
      [ste, direct.ste],
    ] as const) {
      const lag = lags.indexOf(Math.round((map.ms * samplingRate) / 1000));
      const first = ((cid - 1) * lags.length + lag) * pixels;
      const own = all.subarray((cid - 1) * lags.length * pixels, cid * lags.length * pixels);
      const largest = own.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      expect(Math.max(...map.values.map(Math.abs))).toBeCloseTo(largest, 2);
      map.values.forEach((value, p) => {
        expect(value).toBeCloseTo(all[first + p]!, 2);
      });
    }
  }
});

test("draws the maps of a session in one panel", () => {
  const picture = evaluationPictures(evaluation).find(({ name }) => name === "whitened z-maps")!;
  expect(picture.figure.panels.map(({ title }) => title)).toEqual([`${NAME}: average above, energy below`]);
  expect(picture.figure.panels[0]!.marks.at(-1)).toMatchObject({
    text: evaluation.zMaps.map(() => expect.stringMatching(/^\d+ ms, \|z\| ≤ \d+\.\d$/)),
  });
});

test("finds nearly the same maps in a movie that is stored in floating point", async () => {
  const floats = await load("float32");
  const { zMaps } = await evaluate(floats, { zMaps: true, pictures: 2 });
  floats.dispose();
  for (const [i, { sta }] of zMaps.entries()) {
    const expected = evaluation.zMaps[i]!.sta;
    expect(sta.ms).toBe(expected.ms);
    const peak = expected.values.indexOf(Math.max(...expected.values));
    expect(sta.values[peak]! / expected.values[peak]!).toBeCloseTo(1, 1);
  }
});

test("has no maps of large frames, and none by default", async () => {
  const large = { ...twin.sessions[0]!, height: 65, width: 64 };
  expect(zMapsProblem(large)?.text).toBe(
    `The z-maps of ${NAME} are left out: its frames of 65 x 64 values are larger than the limit of 64 x 64.`,
  );
  expect(zMapsProblem({ ...large, height: 64 })).toBeUndefined();
  expect((await evaluate(twin)).zMaps).toEqual([]);
});
