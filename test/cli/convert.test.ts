import { existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { readSession } from "../../lib/data";
import { IMPORTERS } from "../../lib/data/convert/importers";
import { newFolder } from "../new-folder";
import { runPython } from "../python/python";
import { gradbookIn } from "./gradbook";

let dir: string;
beforeEach(() => {
  dir = newFolder();
});

/** The arrays of a session as numpy writes them; some have types and orders that differ from those of the file. */
const ARRAYS = `
import numpy as np, sys
t = np.arange(240)
stim = (np.arange(240 * 5 * 4) % 251).reshape(240, 5, 4).astype(np.uint8)
arrays = dict(stim=np.asfortranarray(stim), robs=(t[:, None] % np.array([2, 3])).astype(np.int64),
              trial_inds=(t // 60).astype(np.int16), pupil=np.sin(t))
`;

async function expectArrays(file: string, type: string) {
  const { recordings, cids, samplingRate } = await readSession(file);
  const { stim, robs, trialInds, eyepos, others, frames, height, width } = recordings[type]!;
  expect([frames, height, width, cids, samplingRate]).toEqual([240, 5, 4, [1, 2], 60]);
  expect([...stim]).toEqual(Array.from({ length: 240 * 20 }, (_, i) => i % 251));
  expect([...robs.subarray(0, 6)]).toEqual([0, 0, 1, 1, 0, 2]);
  expect([trialInds[59], trialInds[60], eyepos[3]]).toEqual([0, 1, 0]);
  expect(others.pupil!.values[2]).toBeCloseTo(Math.sin(2), 6);
}

test("makes a session from a folder of .npy files and states its assumptions", async () => {
  mkdirSync(join(dir, "ada_1"));
  await runPython(`${ARRAYS}\nfor name, a in arrays.items(): np.save(sys.argv[1] + "/" + name + ".npy", a)`, [
    join(dir, "ada_1"),
  ]);
  const { status, stdout } = gradbookIn(
    dir,
    "convert",
    "ada_1",
    "--sampling_rate",
    "60",
    "--type",
    "backimage",
  );
  expect(stdout).toBe(
    [
      "ada_1.h5: 2 units, backimage (240 frames)",
      "  not in the source, assumed: eyepos: 0, the centre",
      "  not in the source, assumed: t_bins: frames at 60 per second",
      "  not in the source, assumed: dpi_valid: 1, always valid",
      "  not in the source, assumed: cids: 1 to 2",
      "",
    ].join("\n"),
  );
  expect(status).toBe(0);
  await expectArrays(join(dir, "ada_1.h5"), "backimage");
  expect(readFileSync(join(dir, "ada_1.yaml"), "utf8")).toBe("session: ada_1\ncids: [1, 2]\n");
  const again = gradbookIn(dir, "convert", "ada_1", "--sampling_rate", "60");
  expect(again).toMatchObject({
    status: 2,
    stderr: "ada_1.h5: exists already; give another --name, or --force to replace it\n",
  });
});

test("rejects an array of more than 2 GiB before it is read, with a remedy", () => {
  mkdirSync(join(dir, "large"));
  const file = join("large", "stim.npy");
  writeFileSync(join(dir, file), "");
  truncateSync(join(dir, file), 2 ** 31);
  const { status, stderr } = gradbookIn(dir, "convert", "large", "--sampling_rate", "60");
  expect(stderr).toBe(
    `${file}: has more than 2,147,483,647 bytes; write the session file in pieces by h5py (docs/session-format.md)\n`,
  );
  expect(status).toBe(2);
});

test("makes a session from an .npz file and explains errors in its arrays", async () => {
  const path = join(dir, "ada_2.npz");
  const save = (change = "") =>
    runPython(`${ARRAYS}\n${change}\nnp.savez_compressed(sys.argv[1], **arrays)`, [path]);
  await save();
  expect(gradbookIn(dir, "convert", "ada_2.npz", "--sampling_rate", "60").status).toBe(0);
  await expectArrays(join(dir, "ada_2.h5"), "stimulus");
  const complaint = () => gradbookIn(dir, "convert", "ada_2.npz", "--sampling_rate", "60", "--force").stderr;
  expect(gradbookIn(dir, "convert", "ada_2.npz", "--force").stderr).toBe(
    "ada_2.npz: --sampling_rate: missing: arrays do not state their number of frames per second\n",
  );
  await save("arrays['robs'] = arrays['robs'][1:]");
  expect(complaint()).toBe(
    "ada_2.npz: robs: has shape [239,2], but stim has 240 frames, so it must be [240,2]\n",
  );
  await save("arrays['robs'] = arrays['robs'].astype(complex)");
  expect(complaint()).toBe(
    "ada_2.npz: robs: holds '<c16'; real numbers can be read: f8, f4, f2, i8, u8, i4, u4, i2, u2, i1, u1, b1\n",
  );
});

test("names the options of the format, the formats, and a missing source in errors", async () => {
  writeFileSync(join(dir, "ada_4.npz"), "");
  writeFileSync(join(dir, "ada_4.mat"), "");
  const complaint = (...args: string[]) => gradbookIn(dir, "convert", ...args).stderr;
  expect(complaint("ada_4.npz", "--eye", "gaze")).toBe(
    "ada_4.npz: --eye: is not an option of the format arrays, which has --sampling_rate, --pixels_per_degree, --kind, --type, --block\n",
  );
  expect(complaint("ada_4.npz", "--sampling_rate", "fast")).toBe(
    'ada_4.npz: --sampling_rate: must be a number over 0; found "fast"\n',
  );
  expect(complaint("ada_4.mat")).toBe(
    "ada_4.mat: is not a known format; give one by --format: nwb, dset, sensorium, experanto, arrays\n",
  );
  expect(complaint("ada_4.mat", "--format", "array")).toBe(
    'ada_4.mat: --format: "array" is not one of: nwb, dset, sensorium, experanto, arrays (did you mean "arrays"?)\n',
  );
  expect(complaint("ada_5.nwb")).toBe("ada_5.nwb: no such file or folder; check the path\n");
});

test("lists every format with its options in the help", () => {
  const { stdout } = gradbookIn(dir, "convert", "--help");
  for (const { name, description, options } of IMPORTERS) {
    expect(stdout).toMatch(new RegExp(`^  ${name} +${description.replace(/[.()]/g, "\\$&")}$`, "m"));
    for (const option of Object.keys(options)) expect(stdout).toContain(`--${option}`);
  }
});

test("bins the spike times of an NWB file on the stimulus' clock", async () => {
  await runPython(
    `
import sys, numpy as np
from datetime import datetime, timezone
from pynwb import NWBFile, NWBHDF5IO
from pynwb.image import ImageSeries
from pynwb.behavior import SpatialSeries
f = NWBFile(session_description="x", identifier="x", session_start_time=datetime(2031, 1, 1, tzinfo=timezone.utc))
stim = (np.arange(100 * 3 * 3) % 256).reshape(100, 3, 3).astype(np.uint8)
f.add_stimulus(ImageSeries(name="noise", data=stim, unit="n.a.", timestamps=10 + np.arange(100) / 50))
f.add_unit(spike_times=[9.99, 10.001, 10.019, 10.021, 11.999, 12.03], id=7)
f.add_unit(spike_times=[10.5], id=9)
f.add_trial(start_time=10.0, stop_time=11.0)
f.add_trial(start_time=11.0, stop_time=11.5)
gaze = np.stack([np.linspace(0, 3, 301), np.zeros(301)], 1)
gaze[150] = np.nan
f.create_processing_module("behavior", "x").add(SpatialSeries(name="eye", data=gaze, reference_frame="x", unit="degrees", starting_time=9.505, rate=100.0))
with NWBHDF5IO(sys.argv[1], "w") as io: io.write(f)
`,
    [join(dir, "ada_3.nwb")],
  );
  const { status, stdout, stderr } = gradbookIn(
    dir,
    "convert",
    "ada_3.nwb",
    "--eye",
    "processing/behavior/eye",
  );
  const lines = [
    "ada_3.h5: 2 units, noise (100 frames)",
    "  taken: noise: stimulus/presentation/noise",
    "  taken: trial_inds: intervals/trials",
    "  taken: eyepos: processing/behavior/eye/data, interpolated to frames; 1.0 % of them are in gaps (dpi_valid is 0)",
    "  taken: robs: units: spikes of 2 of 2 units, counted while each frame is shown",
    "",
  ];
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: lines.join("\n"), stderr: "" });
  const { recordings, cids, samplingRate } = await readSession(join(dir, "ada_3.h5"));
  const { robs, trialInds, eyepos, dpiValid, stim } = recordings.noise!;
  expect([cids, samplingRate, stim[9]]).toEqual([[7, 9], 50, 9]);
  const spikes = (unit: number) =>
    Array.from({ length: 100 }, (_, t) => [t, robs[2 * t + unit]]).filter(([, n]) => n);
  expect(spikes(0)).toEqual([[0, 2], [1, 1], [99, 1]]); // biome-ignore format: pairs
  expect(spikes(1)).toEqual([[25, 1]]);
  // Two trials, and the frames after the last one.
  expect([0, 49, 50, 74, 75, 99].map((t) => trialInds[t])).toEqual([0, 0, 1, 1, 4, 4]);
  // Frame 10 has its middle at 10.21 s, 0.705 s into the gaze's 3 s.
  expect(eyepos[20]).toBeCloseTo(0.705, 5);
  // The lost sample is the one at 11.005 s, just before the middle of frame 50.
  expect([48, 49, 50, 51].map((t) => dpiValid[t])).toEqual([1, 1, 0, 1]);
  expect(gradbookIn(dir, "convert", "ada_3.nwb", "--force", "--stimulus", "movie").stderr).toBe(
    "ada_3.nwb: --stimulus: the file has no stimulus movie; it has noise (ImageSeries [100,3,3])\n",
  );
});

test("runs the documentation's Python example, and inspect shows the session file that it writes", async () => {
  const page = readFileSync("docs/session-format.md", "utf8");
  const example = /```python\n(import os\nimport h5py[\s\S]*?)```/.exec(page)![1]!;
  const at = join(dir, "sessions", "mine");
  mkdirSync(at, { recursive: true });
  await runPython(`import os, sys\nos.chdir(sys.argv[1])\n${example}`, [dir]);
  const file = join("sessions", "mine", "ada_2031-05-01.h5");
  const { status, stdout } = gradbookIn(dir, "inspect", file);
  expect(status).toBe(0);
  expect(stdout).toContain("ada_2031-05-01: 4 units, 120 frames per second, 12 pixels per degree");
  expect(stdout).toMatch(
    /stimulus +frames +seconds +size +trials +tracker loss \(%\)\nbackimage +1,200 +10 +21×21 +5 +0\n/,
  );
  expect(stdout).toMatch(/backimage\/robs +1,200 +4 +0 +\d\n/);
  expect(stdout).toMatch(/unit +spikes +rate \(spikes\/s\)\n +1 +\d+ +2\d?\.?\d*\n/);
  const picture = join(dir, "sessions", "mine", "ada_2031-05-01.svg");
  expect(existsSync(picture) && readFileSync(picture, "utf8")).toMatch(/^<svg[\s\S]*<\/svg>\s*$/);
});
