import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { loadSessions, readSession } from "../../lib/data";
import { stimPixels } from "../../lib/data/prepare-recording";
import { gradbookIn } from "../cli/gradbook";
import { complaintOf } from "../complaint";
import { newFolder } from "../new-folder";
import { runPython } from "../python/python";

/**
 * Writes recordings in the layouts of Sensorium 2022 and 2023 by numpy, with 6 images and 4 videos of 5 × 4 pixels and 3 units. Values are
 * known functions of trial, frame, pixel and unit. The responses of withheld tiers are missing, or NaN.
 */
const WRITE = `
import numpy as np, os, sys
root = sys.argv[1]

def save(path, array):
    file = os.path.join(root, path + ".npy")
    os.makedirs(os.path.dirname(file), exist_ok=True)
    np.save(file, array)

def neurons(folder):
    save(folder + "/meta/neurons/unit_ids", np.array([11, 12, 15]))
    save(folder + "/meta/neurons/cell_motor_coordinates", np.arange(9).reshape(3, 3))
    save(folder + "/meta/neurons/area", np.array(["V1", "V1", "LM"]))
    save(folder + "/meta/statistics/responses/all/std", np.ones(3))

tiers = ["train", "train", "validation", "test", "train", "final_test"]
for k, tier in enumerate(tiers):
    save(f"static/data/images/{k}", (np.arange(20.0).reshape(1, 5, 4) + 20 * k + 0.25).astype(np.float32))
    if tier != "final_test":
        save(f"static/data/responses/{k}", np.array([k, 0.5 * k, 1.0]))
    save(f"static/data/behavior/{k}", np.array([k, 10.0 + k, 20.0 + k]))
    save(f"static/data/pupil_center/{k}", np.array([300.0 + k, 200.0 - k]))
save("static/meta/trials/tiers", np.array(tiers))
save("static/meta/trials/frame_image_id", np.array([5, 6, 7, 8, 9, 10]))
save("static/meta/trials/frame_image_class", np.array(["imagenet"] * 6))
neurons("static")

lengths, most = [3, 4, 2, 4], 6
tiers = ["train", "validation", "live_test_main", "train"]
for k, (length, tier) in enumerate(zip(lengths, tiers)):
    pixels = np.arange(20.0).reshape(5, 4, 1) + 20 * k + np.arange(most) / 4
    pixels[..., length:] = np.nan
    save(f"dynamic/data/videos/{k}", np.asfortranarray(pixels) if k == 1 else pixels)
    for name, rows in dict(responses=3, behavior=2, pupil_center=2).items():
        values = np.arange(most, dtype=float) + 10 * np.arange(rows)[:, None] + 100 * k
        values[:, length:] = np.nan
        if name == "responses" and tier.startswith("live"):
            values[:] = np.nan
        # The transpose of a matrix is stored with its columns first.
        save(f"dynamic/data/{name}/{k}", np.ascontiguousarray(values.T).T)
save("dynamic/meta/trials/tiers", np.array(tiers))
neurons("dynamic")
`;

const source = newFolder();
let dir: string;
beforeAll(async () => {
  await runPython(WRITE, [source]);
});
beforeEach(async () => {
  dir = newFolder();
});

test("reads images: one frame for each trial, with responses, behaviour, pupil, tiers and units", async () => {
  const session = await readSession(join(source, "static"));
  expect(session).toMatchObject({ name: "static", samplingRate: 1, cids: [11, 12, 15] });
  expect(session.coordinates).toEqual([[0, 1, 2], [3, 4, 5], [6, 7, 8]]); // biome-ignore format: a matrix
  const { frames, height, width, stim, robs, trialInds, eyepos, others } = session.recordings.images!;
  expect([frames, height, width]).toEqual([6, 5, 4]);
  // 0.25 is rounded.
  expect(stim).toEqual(Uint8Array.from({ length: 120 }, (_, i) => i));
  expect([...robs]).toEqual([0, 0, 1, 1, 0.5, 1, 2, 1, 1, 3, 1.5, 1, 4, 2, 1, 0, 0, 0]);
  expect([...trialInds]).toEqual([0, 1, 2, 3, 4, 5]);
  expect([...others.behavior!.values.slice(3, 6)]).toEqual([1, 11, 21]);
  expect([...others.tiers!.values]).toEqual([0, 0, 1, 2, 0, 4]);
  expect([...others.frame_image_id!.values]).toEqual([5, 6, 7, 8, 9, 10]);
  const deviation = Math.sqrt(35 / 12);
  expect(eyepos[0]).toBeCloseTo(-2.5 / deviation, 5);
  expect(eyepos[1]).toBeCloseTo(2.5 / deviation, 5);
});

test("reads videos up to their NaN padding, in the order of numpy's rows or columns", async () => {
  const { samplingRate, recordings } = await readSession(join(source, "dynamic"));
  const { frames, stim, robs, trialInds, dpiValid, others } = recordings.videos!;
  const lengths = [3, 4, 2, 4];
  expect([samplingRate, frames]).toEqual([30, 13]);
  expect([...trialInds]).toEqual(lengths.flatMap((length, trial) => Array(length).fill(trial)));
  const pixel = (trial: number, t: number, i: number) => Math.round(i + 20 * trial + t / 4);
  expect([...stim]).toEqual(
    lengths.flatMap((length, trial) =>
      Array.from({ length: 20 * length }, (_, at) => pixel(trial, Math.floor(at / 20), at % 20)),
    ),
  );
  const response = (trial: number, t: number, unit: number) =>
    trial === 2 ? 0 : t + 10 * unit + 100 * trial;
  expect([...robs]).toEqual(
    lengths.flatMap((length, trial) =>
      Array.from({ length: 3 * length }, (_, at) => response(trial, Math.floor(at / 3), at % 3)),
    ),
  );
  expect([...others.behavior!.values.slice(6, 10)]).toEqual([100, 110, 101, 111]);
  expect([...dpiValid]).toEqual(Array(13).fill(1));
});

const CONFIG = {
  datafilters: { dfs: { ops: [{ valid_nlags: 0 }] } },
  transforms: { behavior: { source: "behavior" } },
};

test("loads a folder beside its YAML file or named by it, with the tiers as its split", async () => {
  writeFileSync(join(source, "static.yaml"), "cids: [15, 11]\n");
  writeFileSync(
    join(dir, "linked.yaml"),
    `recording: ${join(source, "dynamic")}\ncids: [12]\ntypes: [videos]\n`,
  );
  const parent = (folder: string, name: string) => {
    const file = join(dir, "parent.yaml");
    writeFileSync(
      file,
      JSON.stringify({ ...CONFIG, types: ["images"], session_dir: folder, sessions: [name] }),
    );
    return file;
  };
  const [images] = await loadSessions(parent(source, "static"));
  expect([images!.train, images!.validation, images!.heldOut.test, images!.heldOut.final_test].map((f) => [...f!])).toEqual([[0, 1, 4], [2], [3], [5]]); // biome-ignore format: one list
  expect([...images!.robs.slice(2, 6)]).toEqual([1, 1, 1, 2]);
  expect([...images!.behavior!.slice(0, 4)]).toEqual([0, 10, 20, 1]);
  const [videos] = await loadSessions(parent(dir, "linked"));
  expect(Object.entries(videos!.heldOut).map(([tier, frames]) => [tier, [...frames]])).toEqual([["live_test_main", [7, 8]]]); // biome-ignore format: one list
  expect([...stimPixels(videos!, 3, 1)].slice(0, 3)).toEqual([20, 21, 22]);
});

test("gradbook convert copies a folder into a session file, or links it, and lists what became of each file", async () => {
  const copied = gradbookIn(dir, "convert", join(source, "static"), "--out", "copies");
  expect(copied.stderr).toBe("");
  expect(copied.stdout.split("\n")).toEqual([
    "copies/static.h5: 3 units, images (6 frames)",
    "  taken: stim: data/images, rounded to bytes",
    "  taken: robs: data/responses; 0 where they are withheld",
    "  taken: behavior: data/behavior",
    "  taken: pupil_center: data/pupil_center",
    "  taken: eyepos: data/pupil_center, in standard deviations from its mean",
    "  taken: tiers: meta/trials/tiers.npy",
    "  taken: frame_image_id: meta/trials/frame_image_id.npy",
    "  taken: cids: meta/neurons/unit_ids.npy",
    "  taken: unit_coordinates: meta/neurons/cell_motor_coordinates.npy",
    "  not in the source, assumed: t_bins of images: 1 frames per second",
    "  not in the source, assumed: trial_inds: the numbers of the files",
    "  left out: meta/trials/frame_image_class.npy: text",
    "  left out: meta/neurons/area.npy: no part of a session",
    "  left out: meta/statistics: computed from the data where it is needed",
    "",
  ]);
  const [direct, copy] = [
    await readSession(join(source, "static")),
    await readSession(join(dir, "copies", "static.h5")),
  ];
  expect(copy).toEqual(direct);

  const linked = gradbookIn(
    dir,
    "convert",
    join(source, "dynamic"),
    "--out",
    "links",
    "--name",
    "mouse_1",
    "--link",
  );
  expect(linked.stdout).toBe(
    `links/mouse_1.yaml: 3 units, videos (13 frames); the recording stays in ${join(source, "dynamic")}\n`,
  );
  expect(readFileSync(join(dir, "links", "mouse_1.yaml"), "utf8")).toMatch(
    /^session: mouse_1\nrecording: .*dynamic\ncids: \[11, 12, 15\]\n$/,
  );
  const parent = join(dir, "links", "parent.yaml");
  writeFileSync(parent, JSON.stringify({ types: ["videos"], sessions: ["mouse_1"] }));
  expect((await loadSessions(parent))[0]!.frames).toBe(13);
});

/** Returns the error of reading a copy of a recording after a change to it, without the folder. */
async function complaint(from: "static" | "dynamic", change: string): Promise<string> {
  await runPython(
    `import numpy as np, os, shutil, sys\nroot = sys.argv[2]\nshutil.copytree(sys.argv[1], root)\nos.chdir(root)\n${change}`,
    [join(source, from), join(dir, "copy")],
  );
  const text = await complaintOf(readSession(join(dir, "copy")), dir);
  rmSync(join(dir, "copy"), { recursive: true });
  return text;
}

test.each([
  [
    "static",
    'np.save("data/images/3", np.zeros((1, 5, 5)))',
    "copy/data/images/3.npy: has shape [1,5,5], but must be [1, 5, 4], as in 0.npy",
  ],
  [
    "static",
    'os.remove("data/images/2.npy")',
    "copy/data/images: holds 5 files of trials, but not 2.npy; copy it again",
  ],
  [
    "static",
    'os.remove("data/responses/1.npy")',
    "copy/data/responses/1.npy: no such file; copy the recording again",
  ],
  [
    "static",
    'np.save("data/responses/4", np.zeros(2))',
    "copy/data/responses/4.npy: has shape [2], but must be [3]",
  ],
  [
    "static",
    'np.save("data/images/5", np.full((1, 5, 4), 300.0))',
    "copy/data/images/5.npy: has the value 300, but the first trials have values of 0 to 255; store all trials in one range",
  ],
  [
    "static",
    'np.save("meta/trials/tiers", np.array(["train"] * 5))',
    "copy/meta/trials/tiers.npy: has 5 values, but data has 6 trials: one value for each",
  ],
  [
    "static",
    'np.save("meta/trials/tiers", np.array(["train"] * 5 + ["practice"]))',
    'copy/meta/trials/tiers.npy: has the tier "practice"; allowed: train, validation, test, live_test, final_test, live_test_main, live_test_bonus, final_test_main, final_test_bonus, oracle, none',
  ],
  [
    "static",
    'np.save("meta/neurons/unit_ids", np.arange(4))',
    "copy/meta/neurons/unit_ids.npy: has 4 rows, but the responses have 3 units: one row for each",
  ],
  [
    "static",
    'open("data/behavior/0.npy", "wb").write(b"text")',
    "copy/data/behavior/0.npy: is not a .npy array; write it with numpy.save",
  ],
  [
    "static",
    'np.save("meta/trials/tiers", np.arange(6))',
    "copy/meta/trials/tiers.npy: must hold the names of tiers: train, validation, test, live_test, final_test, live_test_main, live_test_bonus, final_test_main, final_test_bonus, oracle, none",
  ],
  [
    "static",
    'for k in range(6): np.save(f"data/pupil_center/{k}", np.zeros(3))',
    "copy/data/pupil_center: has 3 values for each frame, but a centre has 2: x and y",
  ],
  [
    "static",
    'for k in range(6): os.remove(f"data/images/{k}.npy")',
    "copy/data/images: holds no file of a trial: 0.npy, 1.npy, ...",
  ],
  [
    "static",
    'for k in range(6): os.remove(f"data/behavior/{k}.npy")',
    "copy/data/behavior: holds no file of a trial: 0.npy, 1.npy, ...",
  ],
  [
    "static",
    'np.save("data/images/0", np.zeros((1, 1, 5, 4)))',
    "copy/data/images/0.npy: has shape [1,1,5,4], but must be [height, width] or [channels, height, width]",
  ],
  [
    "dynamic",
    'np.save("data/videos/0", np.zeros((5, 4)))',
    "copy/data/videos/0.npy: has shape [5,4], but must be [height, width, frames]",
  ],
  [
    "dynamic",
    'np.save("data/videos/1", np.zeros((5, 5, 6)))',
    "copy/data/videos/1.npy: has shape [5,5,6], but must be [5, 4, frames], as in 0.npy",
  ],
  [
    "dynamic",
    'np.save("data/responses/1", np.zeros((3, 3)))',
    "copy/data/responses/1.npy: has shape [3,3], but must be [3, 4 or more frames]",
  ],
  [
    "dynamic",
    'np.save("data/videos/1", np.full((5, 4, 6), np.nan))',
    "copy/data/videos/1.npy: is NaN in its first frame, so the trial has no frame",
  ],
] as const)("names the file of a fault of the %s folder: %s", async (from, change, message) => {
  expect(await complaint(from, change)).toBe(message);
});

test("says what a session's YAML file names, when it is no recording", async () => {
  mkdirSync(join(dir, "empty"));
  writeFileSync(join(dir, "a_1.yaml"), "cids: [1]\nrecording: empty\n");
  const parent = join(dir, "parent.yaml");
  writeFileSync(parent, JSON.stringify({ types: ["images"], sessions: ["a_1"] }));
  await expect(loadSessions(parent)).rejects.toThrow(
    `recording: names ${join(dir, "empty")}, which is no recording: an .h5 file, a .zarr folder or its address (https://...), a folder of .dset files, a Sensorium folder with data/responses, or an experanto folder with screen/timestamps.npy`,
  );
  const refused = gradbookIn(dir, "convert", "empty", "--link");
  expect(refused.stderr).toBe(
    "empty: --link: is for folders that training reads: .dset files, Sensorium and experanto folders; leave it out to make a session file\n",
  );
});
