import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Recording, readSession, type Session, simulateSessions, writeSession } from "../../lib/data";
import { type Evaluation, evaluate } from "../../lib/evaluation";
import { keptEvaluation } from "../../lib/evaluation/report/kept-evaluation";
import { evaluationPictures } from "../../lib/evaluation/report/pictures";
import { correlation, noiseCorrelations } from "../../lib/metrics";
import { alignFixations } from "../../lib/metrics/fixation-responses";
import { loadExperiment } from "../../lib/twin/experiment";
import type { TwinModule } from "../../lib/twin/twin-module";
import { newFolder } from "../new-folder";

const dir = newFolder();
const [NAME, OTHER, SMALL] = ["luke_2031-03-01", "allen_2031-03-01", "milo_2031-03-01"];
const [UNITS, TRIAL, LATE] = [3, 120, 20];
let twin: TwinModule;
let evaluation: Evaluation;

/** Returns a recording in which each trial's stimulus starts at frame `LATE`, and the eye leaves the fixation point for 10 frames. */
function fixating(recording: Recording, hasBins: boolean): Recording {
  const at = Array.from({ length: recording.frames }, (_, t) => t % TRIAL);
  const bins = Float32Array.from(at, (t) => (t < LATE ? -1 : t - LATE));
  return {
    ...recording,
    eyepos: Float32Array.from(at.flatMap((t) => [t >= 60 && t < 70 ? 2 : 0.1, 0.2])),
    others: hasBins ? { psth_inds: { shape: [recording.frames], values: bins, whole: true } } : {},
  };
}

/** Returns the upper left corner of a recording's frames. */
function cut(recording: Recording): Recording {
  const { frames, width, stim } = recording;
  const side = width - 2;
  const pixel = (i: number) =>
    stim[Math.floor(i / side ** 2) * width ** 2 + (Math.floor(i / side) % side) * width + (i % side)]!;
  const pixels = Uint8Array.from({ length: frames * side ** 2 }, (_, i) => pixel(i));
  return { ...recording, height: side, width: side, stim: pixels };
}

beforeAll(async () => {
  await simulateSessions({ outDir: dir, sessions: 3, frames: 1200, units: UNITS });
  const change: Record<string, (recording: Recording) => Recording> = {
    [NAME!]: (recording) => fixating(recording, true),
    [OTHER!]: (recording) => fixating(recording, false),
    [SMALL!]: cut,
  };
  for (const [name, changed] of Object.entries(change)) {
    const file = join(dir, `${name}.h5`);
    const session: Session = await readSession(file);
    const gaborium = session.recordings.gaborium!;
    const trialInds = Int32Array.from(gaborium.trialInds, (_, t) => Math.floor(t / TRIAL));
    const shown = { ...gaborium, trialInds };
    await writeSession(file, { ...session, recordings: { gaborium: shown, fixrsvp: changed(shown) } });
  }
  const sessions = {
    types: ["gaborium"],
    sessions: [NAME, OTHER, SMALL],
    keys_lags: { stim: Array.from({ length: 11 }, (_, lag) => lag) },
    datafilters: { dfs: { ops: [{ valid_nlags: 11 }] } },
  };
  writeFileSync(join(dir, "sessions.yaml"), JSON.stringify(sessions));
  twin = await loadExperiment({
    model: "configs/models/quickstart.yaml",
    sessions: join(dir, "sessions.yaml"),
  });
  evaluation = await evaluate(twin, { triggeredFrames: 0 });
}, 120_000);
afterAll(() => twin?.dispose());

/** Returns the mean over trials of each bin of a unit, in spikes per second, computed directly from values of all frames. */
function direct(session: number, value: (frame: number) => number, late: number): number[] {
  const { train, validation } = twin.sessions[session]!;
  const sums = new Map<number, [number, number]>();
  for (const frame of [...train, ...validation]) {
    const at = frame % TRIAL;
    if (at < late || (at >= 60 && at < 70)) continue;
    const [sum, count] = sums.get(at - late) ?? [0, 0];
    sums.set(at - late, [sum + value(frame), count + 1]);
  }
  return Array.from({ length: TRIAL - late }, (_, bin) => {
    const [sum, count] = sums.get(bin) ?? [Number.NaN, 1];
    return (120 * sum) / count;
  });
}

test("aligns data and model to the stimulus of each trial, or to its start without psth_inds", async () => {
  expect(evaluation.fixations.map(({ session }) => session)).toEqual([NAME, OTHER]);
  for (const [i, late] of [LATE, 0].entries()) {
    const session = twin.sessions[i]!;
    const { trials, bins, ms, units } = evaluation.fixations[i]!;
    const frames = Int32Array.from([...session.train, ...session.validation]);
    // The recording is a copy of the trained one, so the twin predicts its rates.
    const rates = await twin.predict(i, frames);
    const row = new Map([...frames].map((frame, at) => [frame, at]));
    expect({ trials, bins, last: ms.at(-1) }).toEqual({
      trials: session.frames / TRIAL,
      bins: TRIAL - late,
      last: (1000 * (TRIAL - late - 1)) / 120,
    });
    for (const [u, unit] of units.entries()) {
      const data = direct(i, (frame) => session.robs[frame * UNITS + u]!, late);
      const model = direct(i, (frame) => rates[row.get(frame)! * UNITS + u]!, late);
      expect(unit.data.map(Number.isNaN)).toEqual(data.map(Number.isNaN));
      unit.data.forEach((value, bin) => {
        if (Number.isNaN(value)) return;
        expect(value / data[bin]! || 1).toBeCloseTo(1, 3);
        expect(unit.model[bin]! / model[bin]!).toBeCloseTo(1, 3);
      });
      const known = data.flatMap((value, bin) => (Number.isNaN(value) ? [] : [bin]));
      const expected = correlation(
        known.map((bin) => data[bin]!),
        known.map((bin) => model[bin]!),
      );
      expect(unit.correlation).toBeCloseTo(expected, 4);
      const scored = evaluation.units.find(({ session: of, cid }) => of === session.name && cid === unit.cid);
      expect(scored!.psthCorrelation).toBe(unit.correlation);
    }
  }
});

test("computes the mean noise correlation of the data", () => {
  const session = twin.sessions[0]!;
  const frames = [...session.train, ...session.validation].filter((frame) => frame % TRIAL >= LATE);
  const aligned = alignFixations({
    trialInds: frames.map((frame) => Math.floor(frame / TRIAL)),
    psthInds: frames.map((frame) => (frame % TRIAL) - LATE),
    robs: frames.flatMap((frame) => [...session.robs.subarray(frame * UNITS, (frame + 1) * UNITS)]),
    eyepos: frames.flatMap((frame) => [frame % TRIAL >= 60 && frame % TRIAL < 70 ? 2 : 0, 0]),
    units: UNITS,
  });
  const pairs = [...noiseCorrelations(aligned)].filter((value) => !Number.isNaN(value));
  const mean = pairs.reduce((a, b) => a + b, 0) / pairs.length;
  expect(evaluation.fixations[0]!.noiseCorrelation).toBeCloseTo(mean, 10);
});

test("shows the correlation in the table and the CSV, and the PSTHs in the report", () => {
  expect(evaluation.table().rows.map((row) => Number.isFinite(row["PSTH r"]))).toEqual([
    true,
    true,
    false,
    true,
  ]);
  const [head, first] = evaluation.csv().split("\r\n");
  const column = head!.split(",").indexOf("psth_correlation");
  expect(Number(first!.split(",")[column])).toBe(evaluation.units[0]!.psthCorrelation);
  const picture = evaluationPictures(evaluation).find(({ name }) => name === "responses during fixation")!;
  expect(picture.figure.panels).toHaveLength(2 * UNITS);
  expect(picture.figure.panels[0]!.title).toMatch(
    /^luke_2031-03-01, unit \d: 6 trials, r = (-?\d\.\d\d|NaN)$/,
  );
  const kept = { checkpoint: "best", epochs: 1, ...evaluation };
  writeFileSync(join(dir, "evaluation.json"), JSON.stringify(kept));
  const restored = keptEvaluation(dir, kept)!.evaluation;
  expect(restored.fixations).toEqual(evaluation.fixations);
  expect(restored.notes).toEqual(evaluation.notes);
});

test("leaves out a recording whose frames the model cannot read, and says so", async () => {
  const message = `${join(dir, `${SMALL}.h5`)}: fixrsvp/stim: has frames of 15 x 15 x 1 values, but the model reads frames of 17 x 17 x 1`;
  expect(evaluation.notes).toEqual([
    { session: SMALL, text: `The responses during fixation of ${SMALL} are left out: ${message}` },
  ]);
  await expect(evaluate(twin, { triggeredFrames: 0, fixations: "fixrsvp" })).rejects.toThrow(message);
  expect((await evaluate(twin, { split: "train", triggeredFrames: 0 })).fixations).toEqual([]);
});
