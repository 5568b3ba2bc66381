import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { importSession } from "../../../lib/data/convert/importers";
import { complaintOf } from "../../complaint";
import { newFolder } from "../../new-folder";
import { runPython } from "../../python/python";

const dir = join(newFolder(), "recordings");
const script = (name: string) => readFileSync(join(__dirname, name), "utf8");

const SCENES = { stimulus: "natural_scenes_presentations" };
const TRACES = { stimulus: "Natural_Images_A", responses: "processing/ophys/dff/traces" };
const DFF = "processing/ophys/dff/traces";
const SCENES_TABLE = "intervals/natural_scenes_presentations";
const LEFT = "stimulus/templates/pictures";

/** A change to a copy of a file by h5py, the options of the conversion, and the error. */
type Fault = readonly [file: string, change: string, options: Record<string, string>, message: string];

const FAULTS: readonly Fault[] = [
  ["mouse_npx", 'replace("units/spike_times", np.array(["a", "b"], "S1"))', SCENES, "units/spike_times: is not numeric: seconds, all units one after another"],
  ["mouse_npx", 'f["units/spike_times_index"][-1] = 9999', SCENES, "units/spike_times_index: ends at 9999 for 4 units, but there are 412 spikes of 4 units"],
  ["mouse_npx", 'replace("units/spike_times", np.zeros(0)); f["units/spike_times_index"][:] = 0', SCENES, "units/spike_times: has no spike while frames are shown, from 5 to 20 s: it has no spikes at all"],
  ["mouse_npx", 'del f["units/id"]', SCENES, "units/id: is missing: the id of each row"],
  ["mouse_npx", 'del f["units"]; f["units"] = h5py.SoftLink("/a"); f["a"] = h5py.SoftLink("/b"); f["b"] = h5py.SoftLink("/a")', SCENES, "units/spike_times: is a link that leads back to itself"],
  ["mouse_npx", `f["${SCENES_TABLE}/start_time"][3] = 99`, SCENES, `${SCENES_TABLE}: has the times 99 to 6 in row 3; presentations must begin one after another and end after they begin`],
  ["mouse_npx", `replace("${SCENES_TABLE}/pair", np.zeros((60, 2)))`, { ...SCENES, image_column: "pair" }, `${SCENES_TABLE}/pair: must be a number or a name for each row`],
  ["mouse_2p", `replace("${DFF}/data", np.zeros((300, 3, 2)))`, TRACES, `${DFF}/data: must be [time, units]; it has shape [300,3,2]`],
  ["mouse_2p", `f["${DFF}/rois"][1] = 9`, TRACES, `${DFF}/rois: names the row 9 of a table of 3 rows`],
  ["mouse_2p", `replace("${DFF}/rois", np.arange(2), keep=True)`, TRACES, `${DFF}/rois: names 2 regions, but ${DFF}/data has 3 columns`],
  ["mouse_2p", `replace("${DFF}/rois", np.array([1, 1, 1]), keep=True)`, { ...TRACES, where: "valid_roi=true" }, `--where: chooses no unit of ${DFF}`],
  ["mouse_2p", `f["${DFF}/data"][100, 0] = f["${DFF}/data"][108, 1] = f["${DFF}/data"][116, 2] = np.nan`, { ...TRACES, stimulus: "stimulus_presentations", window: "0,0.25" }, `${DFF}: has no response, or NaN, in some frame for every unit; choose other responses or another stimulus`],
  ["mouse_2p", `f.copy("${DFF}", "processing/ophys/dff/other")`, { stimulus: "Natural_Images_A" }, "--responses: the file has several kinds of responses; name those to convert, separated by commas: processing/ophys/corrected_fluorescence/traces (RoiResponseSeries [300,3]), processing/ophys/dff/other (RoiResponseSeries [300,3]), processing/ophys/dff/traces (RoiResponseSeries [300,3])"],
  ["bird_movies", 'replace("stimulus/presentation/color/data", np.zeros((2, 2, 2, 2, 2)))', { stimulus: "color", responses: "acquisition/binned" }, "stimulus/presentation/color/data: must be images [frames, height, width] or, in color, [frames, height, width, 3]; it has shape [2,2,2,2,2]"],
  ["bird_movies", 'f["stimulus/presentation/color/data"][:] = 0.5', { stimulus: "color", responses: "acquisition/binned", color: "" }, "stimulus/presentation/color: has only the pixel value 0.5; give the values of black and white by --pixel_range"],
  ["bird_movies", 'replace("stimulus/presentation/clips/external_file", np.zeros(1))', { stimulus: "clips" }, "stimulus/presentation/clips/external_file: must name the files of the clips"],
  ["bird_movies", 'replace("stimulus/presentation/clips/external_file", np.array(["damaged.png"], "S11"))', { stimulus: "clips" }, "stimulus/presentation/clips/external_file: names damaged.png, which is not a PNG image, or is cut off"],
  ["bird_movies", "", { stimulus: "clips", responses: "acquisition/binned", where: "snr>=2" }, "--where: acquisition/binned has no table of units to choose from"],
  ["cat_flash", `del f["${LEFT}/order_of_images"]; replace("${LEFT}/picture0", np.zeros((4, 7), np.uint8))`, {}, `${LEFT}/picture2: has shape [4,6], but ${LEFT}/picture0 has [4,7]; images of one size are needed`],
  ["cat_flash", `del f["${LEFT}/order_of_images"]; [replace("${LEFT}/picture" + k, np.zeros((4, 6, 2), np.uint8)) for k in "024"]`, {}, `${LEFT}/picture0: must be an image [height, width] or [height, width, 3]; it has shape [4,6,2]`],
  ["cat_flash", `f["${LEFT}/order_of_images"][2] = f["units/id"].ref`, {}, `${LEFT}/order_of_images: refers at 2 to an object that is no image of ${LEFT}`],
  ["cat_flash", `[f["${LEFT}"].__delitem__(name) for name in list(f["${LEFT}"])]`, {}, `${LEFT}: holds no images`],
  ["cat_flash", "", { eye: "processing/behavior/licks" }, "processing/behavior/licks/data: must be gaze [samples, 2] in degrees, as (x, y)"],
]; // biome-ignore format: a table

const nameOf = (i: number) => `fault${i}.nwb`;

/** Makes a changed copy of a file for each fault. */
const CHANGE = `
import json, os, shutil, sys
import h5py
import numpy as np
folder = sys.argv[1]
open(os.path.join(folder, "damaged.png"), "wb").write(b"x")
for i, (file, change, *_) in enumerate(json.loads(sys.argv[2])):
    path = os.path.join(folder, f"fault{i}.nwb")
    shutil.copy(os.path.join(folder, f"{file}.nwb"), path)
    with h5py.File(path, "r+") as f:
        def replace(name, values, keep=False):
            attributes = dict(f[name].attrs) if keep else {}
            if name in f: del f[name]
            f[name] = values
            f[name].attrs.update(attributes)
        exec(change)
`;

beforeAll(async () => {
  await runPython(script("write_nwb.py"), [dir]);
  await runPython(CHANGE, [dir, JSON.stringify(FAULTS)]);
}, 120_000);

test.each(FAULTS.map((fault, i) => [i, ...fault] as const))(
  "names the place of fault %i, in %s: %s",
  async (i, _file, _change, options, message) => {
    const switches = "color" in options ? { ...options, color: true } : options;
    expect(await complaintOf(importSession(join(dir, nameOf(i)), switches), dir)).toBe(
      `${nameOf(i)}: ${message}`,
    );
  },
);

test("says what it assumed about trials, ids, places and the choice of units", async () => {
  const changes = [
    [
      "mouse_npx",
      'f["units/id"][:] = 7; f["general/extracellular_ephys/electrodes/probe_horizontal_position"][0] = np.nan',
    ],
    [
      "mouse_npx",
      'del f["intervals/invalid_times"]; f.copy("intervals/drifting_gratings_presentations", "intervals/trials"); f["intervals/trials/stop_time"][:] = 1',
    ],
  ];
  await runPython(CHANGE, [dir, JSON.stringify(changes)]);
  const twice = await importSession(join(dir, nameOf(0)), { ...SCENES, responses: "units" });
  expect(twice.session.cids).toEqual([0, 1, 2, 3]);
  expect(twice.assumed).toContain("cids: 0 to 3, because ids occur twice");
  expect(twice.assumed).toContain(
    "all units; choose by --where, such as quality=good: quality has good (3), noise (1)",
  );
  expect(twice.leftOut).toContain(
    "general/extracellular_ephys/electrodes/{probe_horizontal_position,probe_vertical_position}: no place of 1 units is known",
  );
  const divided = await importSession(join(dir, nameOf(1)), SCENES);
  expect(divided.assumed[0]).toBe(
    "trial_inds: blocks of 10 s, because intervals/trials does not divide the frames; --trials may name intervals/drifting_gratings_presentations, intervals/natural_movie_one_presentations, intervals/natural_scenes_presentations",
  );
});

test("reads no chunk of a Zarr store through a link to another folder", async () => {
  const store = join(dir, "linked.zarr");
  await runPython(script("write_zarr.py"), [join(dir, "mouse_npx.nwb"), store, "2"]);
  writeFileSync(join(dir, "chunk"), readFileSync(join(store, "units", "id", "0")));
  await runPython("import os, sys\nos.remove(sys.argv[1])", [join(store, "units", "id", "0")]);
  symlinkSync(join(dir, "chunk"), join(store, "units", "id", "0"));
  expect(await complaintOf(importSession(store, SCENES), dir)).toBe(
    "linked.zarr: units/id: cannot be read (/units/id/0 is a link to another folder); copy the folder again, or write it with another compressor",
  );
});
