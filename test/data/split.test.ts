import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  loadSessions,
  type OtherCovariate,
  type Recording,
  sessionSummary,
  writeSession,
} from "../../lib/data";
import { splitTrials } from "../../lib/data/split-trials";
import { framesInMemory, presentationsOf, repeatedStimuli } from "../../lib/data/stimuli";
import { complaintOf } from "../complaint";
import { newFolder } from "../new-folder";

const dir = newFolder();
const [TRIALS, LENGTH, SIZE] = [12, 4, 2];
const FRAMES = TRIALS * LENGTH;

/** The picture of each trial: trials 0, 4 and 8 show one picture, 1 and 5 another one; -1 is blank. */
const PICTURES = [0, 1, 2, 3, 0, 1, 4, 5, 0, 6, 7, 8];

const trialOf = (t: number) => Math.floor(t / LENGTH);
const perFrame = (value: (trial: number) => number): OtherCovariate => ({
  shape: [FRAMES],
  values: Float32Array.from({ length: FRAMES }, (_, t) => value(trialOf(t))),
  whole: true,
});

function recording(others: Recording["others"] = {}, pictures = PICTURES): Recording {
  const stim = new Uint8Array(FRAMES * SIZE * SIZE);
  for (let at = 0; at < stim.length; at++) {
    const t = Math.floor(at / (SIZE * SIZE));
    stim[at] =
      pictures[trialOf(t)]! < 0
        ? 127
        : (31 * pictures[trialOf(t)]! + 7 * (at % (LENGTH * SIZE * SIZE))) % 251;
  }
  return {
    frames: FRAMES,
    height: SIZE,
    width: SIZE,
    stim,
    robs: Float32Array.from({ length: FRAMES }, (_, t) => t % 3),
    eyepos: new Float32Array(2 * FRAMES),
    tBins: Float64Array.from({ length: FRAMES }, (_, t) => t / 120),
    trialInds: Int32Array.from({ length: FRAMES }, (_, t) => 100 + trialOf(t)),
    dpiValid: new Float32Array(FRAMES).fill(1),
    others,
  };
}

let made = 0;
async function load(config: object, recordings: Record<string, Recording> = { movie: recording() }) {
  const name = `s_${made++}`;
  const session = { name, samplingRate: 120, pixelsPerDegree: 1, cids: [1], recordings };
  await writeSession(join(dir, `${name}.h5`), session);
  writeFileSync(join(dir, `${name}.yaml`), "cids: [1]\n");
  const parent = join(dir, "parent.yaml");
  writeFileSync(parent, JSON.stringify({ types: Object.keys(recordings), sessions: [name], ...config }));
  return (await loadSessions(parent))[0]!;
}

const trials = (frames: ArrayLike<number>) => [...new Set(Array.from(frames, trialOf))];
/** Returns the error's text without the folder and the session's number. */
async function complaint(config: object, recordings?: Record<string, Recording>): Promise<string> {
  const text = await complaintOf(load(config, recordings), dir);
  return text.replaceAll(/s_\d+/g, "s");
}

test("keeps trials with the same stimulus on one side of a split", async () => {
  for (let seed = 0; seed < 20; seed++) {
    const { train, validation } = await load({ seed, train_val_split: 0.5 });
    const [pictures, others] = [train, validation].map((frames) => trials(frames).map((k) => PICTURES[k]!));
    expect(pictures!.filter((picture) => others!.includes(picture))).toEqual([]);
    expect(new Set([...pictures!, ...others!]).size).toBe(9);
  }
});

test("divides the trials of a session with one stimulus, and blank trials, as if they were different", async () => {
  const valid = Int32Array.from({ length: FRAMES }, (_, t) => t);
  const own = splitTrials(valid.map(trialOf), valid, { share: 0.5, seed: 3 });
  for (const picture of [4, -1]) {
    const { train, validation } = await load(
      { train_val_split: 0.5, seed: 3 },
      {
        movie: recording(
          {},
          PICTURES.map(() => picture),
        ),
      },
    );
    expect(train).toEqual(own.train);
    expect(validation).toEqual(own.validation);
  }
});

test("finds repeats of whole presentations, and of single frames only among static images", () => {
  const found = (lengths: readonly number[], pixel: (presentation: number, frame: number) => number) => {
    const trialInds = lengths.flatMap((length, trial) => Array<number>(length).fill(trial));
    const presentations = presentationsOf(trialInds);
    const stim = Uint8Array.from(
      presentations.flatMap(({ length, trial }) =>
        Array.from({ length }, (_, frame) => [pixel(trial, frame), 3]).flat(),
      ),
    );
    return repeatedStimuli(presentations, framesInMemory({ stim, pixels: 2 })).map((group) =>
      group.map(({ trial }) => trial),
    );
  };
  const lengths = [3, 1, 3, 1, 3, 2];
  expect(found(lengths, (_, frame) => 10 + frame)).toEqual([[0, 2, 4]]);
  expect(found(lengths, (trial, frame) => (trial === 2 && frame === 1 ? 99 : 10 + frame))).toEqual([[0, 4]]);
  expect(found([1, 1, 1, 2, 1], (trial) => trial % 2)).toEqual([[0, 2, 4]]);
  expect(found([2, 2, 2], () => 3)).toEqual([]);
});

test("reads the covariate tiers: train, validation, and tiers that are held out", async () => {
  // The tiers train, validation, test and final_test, and one trial without any.
  const tiers = perFrame((trial) => [0, 0, 0, 0, 0, 1, 1, 2, 2, 4, 4, -1][trial]!);
  const session = await load({}, { movie: recording({ tiers }) });
  expect(trials(session.train)).toEqual([0, 1, 2, 3, 4]);
  expect(trials(session.validation)).toEqual([5, 6]);
  expect(Object.entries(session.heldOut).map(([tier, frames]) => [tier, trials(frames)])).toEqual([
    ["test", [7, 8]],
    ["final_test", [9, 10]],
  ]);
  expect(sessionSummary([session])[0]).toMatchObject({ train: 20, validation: 8, test: 8, final_test: 8, valid: 44 / 48 }); // biome-ignore format: one row
  const split = await load({ split: "gradbook" }, { movie: recording({ tiers }) });
  expect(split.heldOut).toEqual({});
  const noValidation = perFrame((trial) => (trial < 10 ? 0 : 2));
  const divided = await load({ seed: 1 }, { movie: recording({ tiers: noValidation }) });
  expect(divided.train.length + divided.validation.length).toBe(40);
  expect(divided.validation.length).toBeGreaterThan(0);
  expect(trials(divided.heldOut.test!)).toEqual([10, 11]);
});

test("reads lists of trials; trials that remain go to the missing part, or are divided", async () => {
  const both = await load({ split: { train: [100, 101], validation: [103], test: [104, 110] } });
  expect([both.train, both.validation, both.heldOut.test!].map(trials)).toEqual([[0, 1], [3], [4, 10]]);
  const rest = await load({ split: { validation: [101, 105] } });
  expect([rest.train, rest.validation].map(trials)).toEqual([
    [0, 2, 3, 4, 6, 7, 8, 9, 10, 11],
    [1, 5],
  ]);
  expect(rest.heldOut).toEqual({});
  const test = await load({ split: { test: [102, 103] }, train_val_split: 0.5 });
  expect(trials(test.heldOut.test!)).toEqual([2, 3]);
  expect([...trials(test.train), ...trials(test.validation)].sort((a, b) => a - b)).toEqual([
    0, 1, 4, 5, 6, 7, 8, 9, 10, 11,
  ]);
});

test("names the fault of a split, where it is, and what is allowed", async () => {
  expect(await complaint({ split: { train: [100], test: [112] } })).toBe(
    "s.h5: split.test: lists trial 112, but no frame has this number in trial_inds; it has 100, 101, 102, 103, 104, ...",
  );
  expect(await complaint({ split: { train: [100, 101], test: [101] } })).toBe(
    "s.h5: split.test: lists trial 101, which is also in split.train; each trial belongs to one part",
  );
  expect(await complaint({ split: "random" })).toBe(
    'parent.yaml: split: must be one of auto, gradbook, torch, tiers, or lists of trials: {train: [...], validation: [...], test: [...]}; found "random"',
  );
  expect(await complaint({ split: "tiers" })).toBe(
    's.h5: split: is "tiers", but the recordings have no covariate `tiers`, a tier for each frame',
  );
  const withTiers = (tier: (trial: number) => number) => recording({ tiers: perFrame(tier) });
  expect(await complaint({}, { movie: withTiers((trial) => trial) })).toBe(
    "s.h5: tiers: is 10 at frame 40; allowed: 0 (train), 1 (validation), 2 (test), 3 (live_test), 4 (final_test), " +
      "5 (live_test_main), 6 (live_test_bonus), 7 (final_test_main), 8 (final_test_bonus), 9 (oracle), -1 (none)",
  );
  expect(await complaint({}, { movie: withTiers(() => 2) })).toBe("s.h5: split: leaves no trial to train on");
  expect(await complaint({}, { movie: withTiers(() => 0), other: recording() })).toBe(
    "s.h5: types: have no covariate tiers (other), but others have; add it, or load one stimulus type",
  );
});
