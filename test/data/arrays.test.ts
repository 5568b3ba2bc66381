import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { sessionOfArrays } from "../../lib/data/convert/arrays";
import { importSession } from "../../lib/data/convert/importers";
import { newFolder } from "../new-folder";
import { runPython } from "../python/python";

let file: string;
beforeEach(() => {
  file = join(newFolder(), "ada_1.npz");
});

/** Saves arrays of 40 frames of 6 × 5 pixels and 3 units by numpy, after a change, and returns a function that reads them. */
async function saved(change = "") {
  await runPython(
    `
import numpy as np, sys
stim = (np.arange(40 * 30) % 256).reshape(40, 6, 5)
arrays = dict(stim=stim.astype(np.uint8), robs=np.ones((40, 3)), trial_inds=np.arange(40) // 10)
${change}
np.savez(sys.argv[1], **arrays)`,
    [file],
  );
  return () => sessionOfArrays(file, { name: "ada_1", samplingRate: 4, block: 2 });
}
const complaint = async (change: string) => {
  try {
    (await saved(change))();
  } catch (error) {
    return (error as Error).message.replace(`${file}: `, "");
  }
  return "nothing was thrown";
};

test.each([
  ["np.int16", "stim: whole numbers of 0 to 255, as bytes"],
  ["'>i4'", "stim: whole numbers of 0 to 255, as bytes"],
  ["np.uint8", undefined],
])("stores a stimulus of whole numbers of 0 to 255 as bytes: %s", async (dtype, said) => {
  const { session, taken } = (await saved(`arrays['stim'] = stim.astype(${dtype})`))();
  expect(session.recordings.stimulus!.stim).toEqual(Uint8Array.from({ length: 1200 }, (_, i) => i % 256));
  expect(taken).toEqual(said ? [said] : []);
});

test.each(["np.float16", "np.float32", "'>f8'"])("keeps a stimulus in floating point: %s", async (dtype) => {
  const read = await saved(`arrays['stim'] = (stim / 4 - 10).astype(${dtype})`);
  const expected = Float32Array.from({ length: 1200 }, (_, i) => (i % 256) / 4 - 10);
  expect(read().session.recordings.stimulus!.stim).toEqual(expected);
});

test("keeps whole numbers beyond bytes as numbers", async () => {
  const read = await saved("arrays['stim'] = (stim - 128).astype(np.int16)");
  expect(read().session.recordings.stimulus!.stim).toEqual(
    Float32Array.from({ length: 1200 }, (_, i) => (i % 256) - 128),
  );
});

test("reads movies of several channels, which come last or first", async () => {
  const last = (await saved("arrays['stim'] = np.stack([stim, 255 - stim, 0 * stim], 3).astype(np.uint8)"))();
  const { height, width, channels, stim } = last.session.recordings.stimulus!;
  expect([height, width, channels]).toEqual([6, 5, 3]);
  expect([...stim.slice(3, 9)]).toEqual([1, 254, 0, 2, 253, 0]);
  expect(last.taken).toEqual([]);
  const first = (
    await saved("arrays['stim'] = np.stack([stim, 255 - stim, 0 * stim], 1).astype(np.uint8)")
  )();
  expect(first.session.recordings.stimulus).toEqual(last.session.recordings.stimulus);
  expect(first.taken).toEqual(["stim: axis 1 of [40,3,6,5] has the channels"]);
});

test("reads coordinates and groups of units, one unit, and assumes trials where there are none", async () => {
  const read = await saved(
    "del arrays['trial_inds']; arrays.update(unit_coordinates=np.arange(6).reshape(3, 2).astype(np.float16), unit_groups=np.array([0, 1, 0]))",
  );
  const { session, assumed } = read();
  expect(session.coordinates).toEqual([[0, 1], [2, 3], [4, 5]]); // biome-ignore format: a matrix
  expect(session.groups).toEqual([0, 1, 0]);
  expect([...session.recordings.stimulus!.trialInds]).toEqual(Array.from({ length: 40 }, (_, t) => t >> 3));
  expect(session.recordings.stimulus!.others).toEqual({});
  expect(assumed).toEqual([
    "trial_inds: blocks of 2 s (8 frames)",
    "eyepos: 0, the centre",
    "t_bins: frames at 4 per second",
    "dpi_valid: 1, always valid",
    "cids: 1 to 3",
  ]);
  const one = (await saved("arrays['robs'] = np.arange(40)"))();
  expect([one.session.cids, one.session.recordings.stimulus!.robs[7]]).toEqual([[1], 7]);
});

test("lists arrays in folders that have no stimulus", async () => {
  const read = await saved("arrays['eye/pupil'] = np.ones(7)");
  expect(read().leftOut).toEqual(["eye/pupil: its folder has no stim"]);
});

test.each([
  [
    "arrays['robs'] = arrays['robs'].T",
    "robs: has shape [3,40], but stim has 40 frames, so it must be [40,3]; it is transposed: save robs.T",
  ],
  [
    "arrays['robs'] = arrays['robs'][1:]",
    "robs: has shape [39,3], but stim has 40 frames, so it must be [40,3]",
  ],
  [
    "arrays['pupil'] = np.ones(41)",
    "pupil: has shape [41], but stim has 40 frames: a covariate has a row for each frame; correct it, or remove it",
  ],
  [
    "arrays['unit_coordinates'] = np.ones((4, 2))",
    "unit_coordinates: has shape [4,2], but robs has 3 units: one row for each",
  ],
  [
    "arrays['stim'] = stim.reshape(40, 30)",
    "stim: has shape [40,30], but must be [frames, height, width], [frames, height, width, channels] or [frames, channels, height, width]",
  ],
  [
    "arrays['eyepos'] = np.zeros((40, 3))",
    "eyepos: has shape [40,3], but stim has 40 frames, so it must be [40,2]",
  ],
  [
    "arrays['stim'] = stim[:1]",
    "stim: has shape [1,6,5], but must have two frames or more, of one pixel or more",
  ],
  ["del arrays['robs']", "robs: is missing; found stim, trial_inds"],
])("names the array of a fault, and says what to do: %s", async (change, message) => {
  expect(await complaint(change)).toBe(message);
});

test("checks converted arrays as training does", async () => {
  await saved("arrays['robs'][2, 1] = np.nan");
  await expect(importSession(file, { sampling_rate: "4" })).rejects.toThrow(
    `${file}: stimulus/robs: is NaN at frame 2, column 1; spike counts must be finite and 0 or more`,
  );
});

test("says how to write a file or folder that holds no arrays", async () => {
  writeFileSync(file, "text");
  await expect(importSession(file, { sampling_rate: "4" })).rejects.toThrow(
    `${file}: is not an .npz file, or is cut off; write it with numpy.savez`,
  );
  const folder = newFolder();
  await expect(importSession(folder, { sampling_rate: "4" })).rejects.toThrow(
    `${folder}: holds no .npy array`,
  );
});

test("converts responses of the kind that --kind states", async () => {
  await saved("arrays['robs'] = -arrays['robs']");
  const { session } = await importSession(file, { sampling_rate: "4", kind: "zscores" });
  expect(session.responses).toBe("zscores");
  expect(session.recordings.stimulus!.robs[0]).toBe(-1);
});
