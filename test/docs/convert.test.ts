import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { IMPORTERS } from "../../lib/data/convert/importers";
import { MAIN } from "../cli/gradbook";
import { writeDsets } from "../lab/project";
import { newFolder } from "../new-folder";
import { runPython } from "../python/python";
import { blocks } from "./blocks";

const dir = newFolder();

/** Writes a recording in each format, under the names of the page. */
const WRITE = `
import json, os, shutil, sys
import numpy as np
os.chdir(sys.argv[1])

def save(path, values):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    np.save(path, values)

for k in range(6):
    save(f"static22846-10-16/data/images/{k}.npy", np.full((1, 4, 5), 40.0 * k))
    save(f"static22846-10-16/data/responses/{k}.npy", np.array([k, 1.0]))
screen = "dynamic29515-10-12/screen"
for k in range(3):
    save(f"{screen}/data/{k:05d}.npy", np.full((10, 4, 5), 40 * k, np.uint8))
    os.makedirs(f"{screen}/meta", exist_ok=True)
    json.dump(dict(modality="video", first_frame_idx=10 * k, num_frames=10, tier="train"), open(f"{screen}/meta/{k:05d}.yml", "w"))
json.dump(dict(modality="screen"), open(f"{screen}/meta.yml", "w"))
save(f"{screen}/timestamps.npy", np.arange(30) / 60)
save("dynamic29515-10-12/responses/data.npy", np.random.default_rng(1).random((60, 2)))
json.dump(dict(modality="sequence", sampling_rate=100, start_time=0), open("dynamic29515-10-12/responses/meta.yml", "w"))
save("arrays/bo_2031-05-01/stim.npy", np.arange(40 * 20, dtype=np.int16).reshape(40, 4, 5) % 256)
save("arrays/bo_2031-05-01/robs.npy", np.random.default_rng(2).normal(size=(40, 2)))
shutil.copy("nwb/mouse_npx.nwb", "mouse_1.nwb")
`;

beforeAll(async () => {
  await runPython(readFileSync(join("test", "data", "convert", "write_nwb.py"), "utf8"), [join(dir, "nwb")]);
  await runPython(WRITE, [dir]);
  const frames = 20;
  const backimage = {
    frames,
    height: 2,
    width: 3,
    others: {},
    stim: Uint8Array.from({ length: 6 * frames }, (_, i) => i),
    robs: Float32Array.from({ length: 2 * frames }, (_, i) => i % 3),
    eyepos: new Float32Array(2 * frames),
    tBins: Float64Array.from({ length: frames }, (_, t) => t / 60),
    trialInds: Int32Array.from({ length: frames }, (_, t) => Math.floor(t / 5)),
    dpiValid: new Float32Array(frames).fill(1),
  };
  writeDsets(join(dir, "recordings", "ada_2031-05-01", "datasets"), { recordings: { backimage } });
}, 120_000);

test("the commands of the page convert a recording of each format", () => {
  const [block] = blocks("sh").filter(({ page }) => page === join("docs", "convert.md"));
  const commands = [...block!.code.matchAll(/^npx gradbook (convert [^#\n]*)/gm)].map(([, words]) =>
    words!.trim(),
  );
  expect(commands).toHaveLength(IMPORTERS.length);
  const made = commands.map((words) => {
    const { stdout, stderr } = spawnSync(process.execPath, [MAIN, ...words.split(" ")], {
      cwd: dir,
      encoding: "utf8",
    });
    return stdout.split("\n")[0] || stderr;
  });
  expect(made).toEqual([
    "sessions/mine/mouse_1.h5: 4 units, natural_scenes_presentations (60 frames)",
    "sessions/mine/ada_2031-05-01.h5: 2 units, backimage (20 frames)",
    "sessions/mine/mouse_2.h5: 2 units, images (6 frames)",
    "sessions/mine/mouse_3.h5: 2 units, screen (15 frames)",
    "sessions/mine/bo_2031-05-01.h5: 2 units, stimulus (40 frames)",
  ]);
});
