import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { loadSessions, readSession } from "../../lib/data";
import { importSession } from "../../lib/data/convert/importers";
import { complaintOf } from "../complaint";
import { newFolder } from "../new-folder";
import { runPython } from "../python/python";

/**
 * Writes recordings in the layout of experanto: an image, a gray screen, a video of four frames, another image and a withheld video, with
 * responses at 20 Hz, an eye tracker with a blink, and a treadmill. Values are known functions of time, pixel and unit.
 */
const WRITE = `
import json, os, shutil, sys
import numpy as np
root = sys.argv[1]

def put(path, content):
    file = os.path.join(root, path)
    os.makedirs(os.path.dirname(file), exist_ok=True)
    if path.endswith(".npy"): np.save(file, content)
    elif path.endswith(".mem"): content.tofile(file)
    else: json.dump(content, open(file, "w"))  # JSON is YAML, too

def screen(name, **meta):
    put(f"{name}/screen/meta.yml", dict(modality="screen", frame_rate=10.0, **meta))
    put(f"{name}/screen/timestamps.npy", np.array([0, 0.5, 1.0, 1.1, 1.2, 1.3, 1.4, 1.9, 2.0, 2.1, 2.2]))
    pixels = np.arange(12).reshape(3, 4)
    size = [3, 4]
    trials = [dict(modality="image", tier="train", image_size=size), dict(modality="blank", interleave_value=127, image_size=size),
              dict(modality="video", tier="train", num_frames=4, image_size=size), dict(modality="image", tier="validation", image_size=size),
              dict(modality="Video", tier="oracle", num_frames=3, image_size=size)]
    at = 0
    for k, trial in enumerate(trials):
        put(f"{name}/screen/meta/{k:05d}.yml", dict(first_frame_idx=at, **trial))
        n = trial.get("num_frames")
        at += n or 1
        frames = (pixels + 20 * k + 100 * np.arange(n or 1)[:, None, None]) % 256
        if trial["modality"] != "blank":
            put(f"{name}/screen/data/{k:05d}.npy", frames.astype(np.uint8) if n else frames[0].astype(np.float32))

def sequence(path, data, rate=20.0, mapped=False, **meta):
    data = np.asarray(data, np.float32)
    put(f"{path}/data.mem" if mapped else f"{path}/data.npy", data)
    put(f"{path}/meta.yml", dict(modality="sequence", sampling_rate=rate, start_time=0.0, end_time=len(data) / rate, n_signals=data.shape[1],
                                 n_timestamps=len(data), is_mem_mapped=mapped, dtype="float32", **meta))

k = np.arange(43)
traces = k[:42, None] + 100 * np.arange(3)  # up to 2.05 s
eye = np.stack([k, -k], 1).astype(float)
eye[4:8] = np.nan
for name, mapped in [("mapped", True), ("plain", False)]:
    screen(name)
    sequence(f"{name}/responses", traces, mapped=mapped)
    sequence(f"{name}/eye_tracker", eye)
    sequence(f"{name}/treadmill", k[:, None] / 20)
    put(f"{name}/responses/meta/unit_ids.npy", np.array([7, 8, 11]))
    put(f"{name}/responses/meta/cell_motor_coordinates.npy", np.arange(9).reshape(3, 3))
    put(f"{name}/responses/meta/means.npy", np.zeros(3))
    put(f"{name}/poses/meta.yml", dict(modality="keypoints"))

screen("shifted")
sequence("shifted/responses", traces, phase_shift_per_signal=True)
put("shifted/responses/meta/phase_shifts.npy", np.array([0, 0.05, 0.1]))

screen("spikes")
meta = os.path.join(root, "spikes/screen/meta")  # experanto joins the descriptions of trials in one file
put("spikes/screen/combined_meta.json", {name[:-4]: {**json.load(open(os.path.join(meta, name))), "fps": float("nan")} for name in os.listdir(meta)})
shutil.rmtree(meta)
put("spikes/probe/spikes.npy", np.array([0.1, 0.2, 1.15, 1.16, 1.05, 1.95]))
put("spikes/probe/meta.yml", dict(modality="spikes", n_signals=2, spike_indices=[0, 4, 6], start_time=0.0, end_time=3.0))
put("spikes/looks/meta.yml", dict(modality="time_interval", labels=dict(saccade="saccade.npy"), start_time=0.0, end_time=3.0))
put("spikes/looks/saccade.npy", np.array([[1.1, 1.3]]))
`;

const source = newFolder();
let dir: string;
beforeAll(async () => {
  await runPython(WRITE, [source]);
});
beforeEach(() => {
  dir = newFolder();
});

const rowsOf = (values: ArrayLike<number>, width: number) =>
  Array.from({ length: values.length / width }, (_, t) =>
    Array.from({ length: width }, (_, i) => Number(values[t * width + i]!.toFixed(4))),
  );

test.each(["mapped", "plain"])(
  "reads the frames of the screen with responses and behaviour: data that are %s",
  async (name) => {
    const session = await readSession(join(source, name));
    expect(session).toMatchObject({ name, samplingRate: 10, responses: "calcium", cids: [7, 8, 11] });
    expect(session.coordinates![2]).toEqual([6, 7, 8]);
    const { frames, height, width, stim, robs, tBins, trialInds, eyepos, dpiValid, others } =
      session.recordings.screen!;
    expect([frames, height, width]).toEqual([10, 3, 4]);
    expect(stim).toBeInstanceOf(Uint8Array);
    expect(rowsOf(stim, 12).map(([first]) => first)).toEqual([0, 127, 40, 140, 240, 84, 60, 80, 180, 24]);
    expect([...trialInds]).toEqual([0, 1, 2, 2, 2, 2, 3, 4, 4, 4]);
    expect([...tBins].map((time) => Number(time.toFixed(3)))).toEqual([0.25, 0.75, 1.05, 1.15, 1.25, 1.35, 1.65, 1.95, 2.05, 2.15]); // biome-ignore format: one list
    // Samples 0 to 9, 10 to 19, then two samples for each frame. Responses end at 2.05 s.
    expect(rowsOf(robs, 3).map(([first]) => first)).toEqual([4.5, 14.5, 20.5, 22.5, 24.5, 26.5, 32.5, 38.5, 40.5, 0]); // biome-ignore format: one list
    expect(rowsOf(robs, 3)[1]).toEqual([14.5, 114.5, 214.5]);
    // Gray belongs to no tier, nor does the last frame, which has no responses.
    expect([...others.tiers!.values]).toEqual([0, -1, 0, 0, 0, 0, 1, 9, 9, -1]);
    expect([...dpiValid]).toEqual([0, 1, 1, 1, 1, 1, 1, 1, 1, 0]);
    expect(eyepos[2]).toBeCloseTo(-eyepos[3]!, 5);
    expect(rowsOf(others.treadmill!.values, 1).slice(0, 3)).toEqual([[0.25], [0.75], [1.05]]);
  },
);

test("shifts the samples of each unit by its phase", async () => {
  const { recordings } = await readSession(join(source, "shifted"));
  // A sample that is 0.05 s late is the one with the number before.
  expect(rowsOf(recordings.screen!.robs, 3)[1]).toEqual([14.5, 113.5, 212.5]);
});

test("counts spikes, marks labelled intervals, and reads joined descriptions of trials", async () => {
  const session = await readSession(join(source, "spikes"));
  expect(session).toMatchObject({ responses: "counts", cids: [0, 1] });
  const { robs, others } = session.recordings.screen!;
  expect(rowsOf(robs, 2)).toEqual([[2, 0], [0, 0], [0, 1], [2, 0], [0, 0], [0, 0], [0, 0], [0, 1], [0, 0], [0, 0]]); // biome-ignore format: one list
  expect([...others.saccade!.values]).toEqual([0, 0, 0, 1, 1, 0, 0, 0, 0, 0]);
});

test("converts at a rate of frames, and lists what became of each modality", async () => {
  const { session, taken, assumed, leftOut } = await importSession(join(source, "mapped"), {
    sampling_rate: "20",
  });
  const { stim, frames } = session.recordings.screen!;
  expect([session.samplingRate, frames]).toEqual([20, 42]);
  expect(rowsOf(stim, 12).map(([first]) => first).slice(8, 26)).toEqual([0, 0, ...Array(10).fill(127), 40, 40, 140, 140, 240, 240].slice(0, 18)); // biome-ignore format: one list
  expect(taken).toEqual([
    "stim: screen",
    "robs: responses: samples averaged in each frame, or interpolated where there are none",
    "eye_tracker: interpolated to frames; 12 % of them are in gaps (eye_tracker_valid is 0)",
    "treadmill: interpolated to frames",
    "eyepos: eye_tracker, in standard deviations from its mean",
    "tiers: the trials of the screen",
    "cids: unit_ids of the responses",
    "unit_coordinates: cell_motor_coordinates of the responses",
  ]);
  expect(assumed).toEqual(["trial_inds: each image, video and gray screen is a trial"]);
  expect(leftOut).toEqual([
    "poses: no part of a session (modality keypoints)",
    "responses/meta/means.npy: no part of a session",
  ]);
});

test("trains on a folder where it is, with its tiers as the split", async () => {
  const recording = join(source, "mapped");
  writeFileSync(join(dir, "mouse_1.yaml"), JSON.stringify({ recording, cids: [7, 11] }));
  const parent = join(dir, "parent.yaml");
  writeFileSync(
    parent,
    JSON.stringify({
      types: ["screen"],
      session_dir: ".",
      sessions: ["mouse_1"],
      sampling: { source_rate: 10, target_rate: 10 },
      keys_lags: { stim: [0], robs: 0 },
      datafilters: { dfs: { ops: [{ valid_nlags: 1 }] } },
    }),
  );
  const [session] = await loadSessions(parent);
  expect([session!.train, session!.validation, session!.heldOut.oracle].map((f) => [...f!])).toEqual([[3, 4, 5], [6], [8]]); // biome-ignore format: one list
});

/** Returns the error of reading a copy of a recording after a change to it, without the folder. */
async function complaint(from: string, change: string): Promise<string> {
  await runPython(
    `import json, numpy as np, os, shutil, sys\nroot = sys.argv[2]\nshutil.copytree(sys.argv[1], root)\nos.chdir(root)
def edit(path, **changes): json.dump({**json.load(open(path)), **changes}, open(path, "w"))\n${change}`,
    [join(source, from), join(dir, "copy")],
  );
  return complaintOf(readSession(join(dir, "copy")), dir);
}

test.each([
  [
    "plain",
    'np.save("screen/timestamps.npy", np.arange(5.0))',
    "copy/screen/timestamps.npy: has 5 times, but the trials have 10 frames",
  ],
  [
    "plain",
    'np.save("screen/timestamps.npy", np.zeros(11))',
    "copy/screen/timestamps.npy: is 0 at 1; times must be finite and increase",
  ],
  [
    "plain",
    'np.save("screen/data/00003.npy", np.zeros((4, 4)))',
    "copy/screen/data/00003.npy: has shape [4,4], but must be [3, 4]: the size of 00000.npy",
  ],
  [
    "plain",
    'np.save("screen/data/00002.npy", np.zeros((3, 3, 4)))',
    "copy/screen/data/00002.npy: has shape [3,3,4], but must be [4 or more frames, 3, 4]: the size of 00000.npy",
  ],
  ["plain", 'os.remove("screen/data/00004.npy")', "copy/screen/data/00004.npy: no such file; check the path"],
  [
    "plain",
    'os.rename("screen/data/00004.npy", "screen/data/00004.mp4")',
    "copy/screen/data/00004.mp4: is encoded; write its frames by numpy.save as 00004.npy, [frames, height, width]",
  ],
  [
    "plain",
    'edit("screen/meta.yml", modality="sequence")',
    "copy: screen: is missing: a folder with a meta.yml of `modality: screen`",
  ],
  [
    "plain",
    'for k in range(5): edit(f"screen/meta/{k:05d}.yml", modality="blank")\nnp.save("screen/timestamps.npy", np.arange(20.0))\nfor k in range(5): edit(f"screen/meta/{k:05d}.yml", first_frame_idx=k)',
    "copy: screen: has no image and no video",
  ],
  [
    "plain",
    'edit("screen/meta/00002.yml", stimulus_name="../away")',
    'copy/screen/meta/00002.yml: stimulus_name: must be a name without folders; found "../away"',
  ],
  [
    "plain",
    'edit("screen/meta/00002.yml", first_frame_idx=3)',
    "copy/screen/meta/00002.yml: begins at frame 3, but the trials before it have 2 frames",
  ],
  [
    "plain",
    'edit("screen/meta/00002.yml", num_frames=None)',
    "copy/screen/meta/00002.yml: num_frames: is missing: the number of frames of a video",
  ],
  [
    "plain",
    'edit("screen/meta/00002.yml", modality="movie")',
    'copy/screen/meta/00002.yml: modality: "movie" is not one of: image, video, blank, invalid',
  ],
  [
    "plain",
    'edit("screen/meta/00002.yml", tier="practice")',
    'copy/screen/meta/00002.yml: tier: has the tier "practice"; allowed: train, validation, test, live_test, final_test, live_test_main, live_test_bonus, final_test_main, final_test_bonus, oracle, none',
  ],
  [
    "plain",
    'edit("screen/meta.yml", use_stimuli_names=True)',
    "copy/screen/meta/00000.yml: stimulus_name: is missing: meta.yml of the screen states use_stimuli_names",
  ],
  [
    "plain",
    'shutil.rmtree("screen/meta")',
    "copy/screen/meta: holds no description of a trial: 00000.yml, 00001.yml, ...",
  ],
  [
    "plain",
    'shutil.rmtree("responses")',
    "copy: responses: is missing: a folder of this name, or one with a meta.yml of `modality: spikes`",
  ],
  [
    "plain",
    'edit("responses/meta.yml", modality="time_interval")',
    "copy/responses/meta.yml: modality: is time_interval, but responses are a sequence or spikes",
  ],
  [
    "plain",
    'np.save("responses/meta/unit_ids.npy", np.arange(2))',
    "copy/responses/meta/unit_ids.npy: has 2 rows, but there are 3 units: one row for each",
  ],
  [
    "plain",
    'np.save("responses/timestamps.npy", np.arange(2.0))',
    "copy/responses/timestamps.npy: has 2 times, but the data have 42 samples: one for each",
  ],
  [
    "plain",
    'np.save("responses/data.npy", np.zeros((2, 2, 2)))',
    "copy/responses/data.npy: has shape [2,2,2], but must be [samples, signals]",
  ],
  [
    "mapped",
    'edit("responses/meta.yml", n_timestamps=43)',
    "copy/responses/data.mem: has 504 bytes, but meta.yml states 129 numbers of type float32",
  ],
  [
    "mapped",
    'edit("responses/meta.yml", dtype="complex64")',
    "copy/responses/meta.yml: dtype: is complex64; real numbers of the machine's byte order can be read, such as float32",
  ],
  [
    "shifted",
    'np.save("responses/meta/phase_shifts.npy", np.zeros(2))',
    "copy/responses/meta/phase_shifts.npy: has 2 values, but the data have 3 signals: one for each",
  ],
  [
    "spikes",
    'edit("probe/meta.yml", spike_indices=[0, 4, 9])',
    "copy/probe/meta.yml: spike_indices.2: is 9, but must not decrease, and be at most 6, the number of spikes",
  ],
  [
    "spikes",
    'edit("looks/meta.yml", labels=dict(a="../b.npy"))',
    'copy/looks/meta.yml: labels.a: must be the name of a .npy file in the same folder; found "../b.npy"',
  ],
] as const)("names the fault of the folder %s: %s", async (from, change, message) => {
  expect(await complaint(from, change)).toBe(message);
});
