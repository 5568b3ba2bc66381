import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { ConfigError } from "../../../lib/base/config";
import { type Session, writeSession } from "../../../lib/data";
import { importSession } from "../../../lib/data/convert/importers";
import { Trainer } from "../../../lib/trainer/trainer";
import { loadExperiment } from "../../../lib/twin/experiment";
import { SMALL } from "../../model/configs";
import { newFolder } from "../../new-folder";
import { runPython } from "../../python/python";

const dir = join(newFolder(), "recordings");
const script = (name: string) => readFileSync(join(__dirname, name), "utf8");
const convert = async (file: string, options: Record<string, string | boolean> = {}) =>
  importSession(join(dir, file), options);

beforeAll(async () => {
  await runPython(script("write_nwb.py"), [dir]);
}, 120_000);

const rowsOf = (values: ArrayLike<number>, width: number, count: number) =>
  Array.from({ length: count }, (_, t) => Array.from({ length: width }, (_, i) => values[t * width + i]!));
/** The first pixel of some frames. */
const firstPixels = (stim: ArrayLike<number>, size: number, count: number) =>
  rowsOf(stim, size, count).map(([pixel]) => pixel);

test("converts two-photon recordings of images with the table of their presentations", async () => {
  const { session, taken, assumed, leftOut } = await convert("mouse_2p.nwb", {
    stimulus: "stimulus_presentations",
    where: "valid_roi=true",
    window: "0,0.25",
  });
  const { frames, height, width, stim, robs, others, tBins } = session.recordings.stimulus_presentations!;
  // The microscope stops before the last 13 of 40 images; image 7 was omitted, so the screen was gray.
  expect([frames, height, width, session.samplingRate, session.cids]).toEqual([
    27,
    4,
    6,
    1.33333,
    [1000, 1002],
  ]);
  expect(session.responses).toBe("calcium");
  expect(firstPixels(stim, 24, 9)).toEqual([0, 40, 80, 120, 160, 0, 40, 127, 120]);
  // Samples 100, 101 and 102 of the first cell, and of the third one, which are 200 higher.
  expect(rowsOf(robs, 2, 2)).toEqual([
    [101, 301],
    [108.5, 308.5],
  ]);
  expect(tBins[0]).toBeCloseTo(10.125, 6);
  // Speed k at k / 10 s. The blink at 10.2 and 10.3 s hides the pupil at 10.125 s.
  expect(others.running_speed!.values[0]).toBeCloseTo(101.25, 4);
  expect([...others.pupil_area_valid!.values.subarray(0, 2)]).toEqual([0, 1]);
  expect(others.pupil_area!.values[0]).toBeCloseTo(101.25, 4);
  expect(rowsOf(others.pupil_position!.values, 2, 1)[0]![1]).toBeCloseTo(-101.25, 4);
  expect(session.coordinates).toEqual([
    [0, 0.5],
    [2, 4.5],
  ]);
  expect(taken).toEqual([
    "stimulus_presentations: stimulus/templates/Natural_Images_A",
    "running_speed: processing/running/speed/data, interpolated to frames",
    "pupil_area: acquisition/EyeTracking/pupil_tracking/area, interpolated to frames; 3.7 % of them are in gaps (pupil_area_valid is 0)",
    "pupil_position: acquisition/EyeTracking/pupil_tracking/data, interpolated to frames",
    "robs: processing/ophys/dff/traces: 2 of 3 units where valid_roi=true, samples averaged from 0 to 0.25 s after the onset of each frame, or interpolated where there are none",
    "unit_coordinates: processing/ophys/image_segmentation/cell_specimen_table/image_mask",
  ]);
  expect(assumed).toEqual([
    "trial_inds: blocks of 10 s, because there is no intervals/trials; --trials may name intervals/stimulus_presentations",
    "eyepos: 0, the centre",
    "dpi_valid: 1, always valid",
  ]);
  expect(leftOut).toEqual([
    "intervals/stimulus_presentations: 1 row of other stimuli",
    "stimulus_presentations: 13 frames without responses",
    "processing/ophys/corrected_fluorescence/traces (RoiResponseSeries)",
    "processing/running/speed_unfiltered (TimeSeries)",
    "stimulus/presentation/Natural_Images_A (IndexSeries)",
    "intervals/stimulus_presentations: the columns omitted",
  ]);
});

test("prefers the series of images that was presented, and dF/F", async () => {
  const { session } = await convert("mouse_2p.nwb");
  const { stim, robs } = session.recordings.Natural_Images_A!;
  expect(firstPixels(stim, 24, 8)).toEqual([0, 40, 80, 120, 160, 0, 40, 80]);
  // A frame lasts until the next image, so samples 100 to 107 are averaged.
  expect(rowsOf(robs, 3, 1)).toEqual([[103.5, 203.5, 303.5]]);
});

test("counts spikes of good units in a window after images, with places and areas of their electrodes", async () => {
  const { session, taken, leftOut } = await convert("mouse_npx.nwb", {
    stimulus: "natural_scenes_presentations",
    quality: "good",
    window: "0.09,0.15",
    trials: "natural_scenes_presentations",
  });
  const { stim, robs, trialInds, frames } = session.recordings.natural_scenes_presentations!;
  expect([frames, session.samplingRate, session.cids]).toEqual([60, 4, [950, 951, 952]]);
  expect(firstPixels(stim, 24, 7)).toEqual([127, 0, 40, 80, 120, 160, 127]);
  expect(rowsOf(robs, 3, 3)).toEqual([
    [2, 2, 2],
    [0, 0, 0],
    [0, 0, 0],
  ]);
  expect([...trialInds.subarray(0, 3)]).toEqual([0, 1, 2]);
  expect(session.coordinates).toEqual([
    [11, 0],
    [11, 20],
    [11, 40],
  ]);
  expect(session.groups).toEqual([1, 0, 1]);
  expect(taken).toContain(
    "robs: units: spikes of 3 of 4 units where quality=good, counted from 0.09 to 0.15 s after the onset of each frame",
  );
  expect(taken).toContain(
    "unit_groups: general/extracellular_ephys/electrodes/location: 0 VISl, layer 2/3, 1 VISp",
  );
  expect(leftOut).toEqual([
    "stimulus/templates/natural_movie_one (ImageSeries)",
    "intervals/drifting_gratings_presentations (TimeIntervals)",
    "intervals/invalid_times (TimeIntervals)",
    "intervals/natural_movie_one_presentations (TimeIntervals)",
    "units: the columns snr",
  ]);
});

test("converts several stimuli at one rate of frames", async () => {
  const { session, assumed } = await convert("mouse_npx.nwb", {
    stimulus: "natural_scenes_presentations,natural_movie_one_presentations",
    sampling_rate: "60",
    where: "snr>=2,quality=good|noise",
    block: "1",
  });
  const { natural_scenes_presentations: scenes, natural_movie_one_presentations: movie } = session.recordings;
  expect([session.samplingRate, session.cids, scenes!.frames, movie!.frames]).toEqual([
    60,
    [951, 952, 953],
    900,
    180,
  ]);
  expect(firstPixels(movie!.stim, 24, 6)).toEqual([0, 0, 1, 1, 2, 2]);
  expect(Array.from(movie!.robs).reduce((a, b) => a + b)).toBe(100 + 100 + 75);
  expect([59, 60, 179].map((t) => movie!.trialInds[t])).toEqual([0, 1, 2]);
  expect(assumed[0]).toBe(
    "trial_inds: blocks of 1 s, because there is no intervals/trials; --trials may name intervals/drifting_gratings_presentations, intervals/invalid_times, intervals/natural_movie_one_presentations, intervals/natural_scenes_presentations",
  );
});

test("takes pictures in their stated order, gaze with gaps, and series in their units", async () => {
  const { session, taken, leftOut } = await convert("cat_flash.nwb", {
    covariates: "lick=processing/behavior/licks",
    frame_size: "2x3",
  });
  const { stim, eyepos, dpiValid, others, robs } = session.recordings.flashes!;
  expect(firstPixels(stim, 6, 4)).toEqual([160, 0, 80, 0]);
  // The tracker has a gap from 1.5 to 2 s, in which gaze is interpolated.
  expect([...dpiValid]).toEqual([1, 0, 1, 1]);
  expect([...eyepos.subarray(0, 4)].map((x) => Number(x.toFixed(3)))).toEqual([1.25, -1.25, 1.75, -1.75]);
  expect(others.pupil_diameter!.values[0]).toBeCloseTo(0.5 + 0.0125, 6);
  expect(others.lick!.values[0]).toBeCloseTo(12.5, 4);
  expect(rowsOf(robs, 2, 4)).toEqual([
    [1, 0],
    [0, 0],
    [0, 1],
    [1, 1],
  ]);
  // Each unit has two electrodes, whose mean is its place.
  expect(session.coordinates).toEqual([
    [11, 10],
    [11, 30],
  ]);
  expect(taken).toContain(
    "eyepos: processing/behavior/EyeTracking/eye/data, interpolated to frames; 25 % of them are in gaps (dpi_valid is 0)",
  );
  expect(taken![0]).toBe("flashes: stimulus/templates/pictures, scaled from 4×6 to 2×3");
  expect(leftOut).toEqual([]);
});

test("shows gray between presentations at a rate of frames, and omits long pauses", async () => {
  const { session } = await convert("cat_flash.nwb", { sampling_rate: "10", background: "100" });
  const { stim, tBins } = session.recordings.flashes!;
  // The picture at 2 s stays for 1.5 intervals. Nothing is known about the screen until 12 s.
  expect(firstPixels(stim, 24, tBins.length)).toEqual([
    160, 160, 160, 160, 160, 0, 0, 0, 0, 0, 80, 80, 80, 80, 80, 80, 80, 0, 0, 0, 0, 0,
  ]);
  expect([16, 17].map((t) => Number(tBins[t]!.toFixed(2)))).toEqual([2.65, 12.05]);
});

test("reads vectors that MATLAB wrote as matrices", async () => {
  const options = { stimulus: "natural_scenes_presentations", quality: "good" };
  const { session } = await convert("mouse_npx.nwb", options);
  expect((await convert("matlab.nwb", options)).session).toEqual({ ...session, name: "matlab" });
});

test("divides the time of a clip among its frames", async () => {
  const { session } = await convert("rat_clips.nwb");
  const { stim, robs, frames } = session.recordings.clip_presentations!;
  expect([frames, session.samplingRate, robs.every((n) => n === 1)]).toEqual([12, 4, true]);
  expect(firstPixels(stim, 24, 12)).toEqual([0, 1, 2, 3, 5, 6, 7, 8, 10, 11, 12, 13]);
});

test("takes the images of a table from another file", async () => {
  const { session, taken } = await convert("rat_clips.nwb", {
    images: join(dir, "images.npy"),
    image_column: "stop_idx",
  });
  expect(firstPixels(session.recordings.clip_presentations!.stim, 24, 2)).toEqual([14, 19]);
  expect(taken![0]).toBe(`clip_presentations: ${join(dir, "images.npy")}`);
  await expect(convert("rat_clips.nwb", { images: join(dir, "vector.npy") })).rejects.toThrow(
    new ConfigError(join(dir, "vector.npy"), [
      {
        path: "",
        message: "must be images [frames, height, width] or [frames, height, width, 3]; it has shape [3]",
      },
    ]),
  );
  await expect(convert("rat_clips.nwb", { images: join(dir, "images.npy") })).rejects.toThrow(
    new ConfigError(join(dir, "rat_clips.nwb"), [
      {
        path: "intervals/clip_presentations/stop_idx",
        message: `is 14 in row 2, but must be over its start_idx, 10, and at most 12, the number of images of ${join(dir, "images.npy")}`,
      },
    ]),
  );
});

test("leaves out behaviour whose clock is invalid", async () => {
  const { leftOut, session } = await convert("blind.nwb", { stimulus: "natural_scenes_presentations" });
  expect(session.recordings.natural_scenes_presentations!.others).toEqual({});
  expect(leftOut).toContain(
    "running_speed: processing/running/running_speed has neither timestamps nor a starting_time with a rate",
  );
});

test("refuses times that give too many frames", async () => {
  await expect(
    convert("blind.nwb", { stimulus: "natural_movie_one_presentations", sampling_rate: "60" }),
  ).rejects.toThrow(
    new ConfigError(join(dir, "blind.nwb"), [
      {
        path: "--sampling_rate",
        message:
          "gives more than 10000000 frames of natural_movie_one_presentations, from 30 to 1e+300 s; check the times of the presentations",
      },
    ]),
  );
});

test("converts colors, floating-point pixels, and binned counts", async () => {
  const options = { stimulus: "color", responses: "acquisition/binned" };
  const { session, taken } = await convert("bird_movies.nwb", {
    ...options,
    color: true,
    pixel_range: "-1,1",
  });
  const { channels, stim, robs } = session.recordings.color!;
  expect([channels, stim[0], stim[1], stim[19 * 12]]).toEqual([3, 0, 128, 255]);
  expect([...stim.subarray(3 * 12, 3 * 12 + 3)]).toEqual([127, 127, 127]);
  expect(rowsOf(robs, 3, 2)).toEqual([
    [0, 1, 2],
    [3, 4, 5],
  ]);
  expect(taken!.slice(0, 2)).toEqual([
    "color: stimulus/presentation/color, pixels from -1 to 1 became 0 to 255, pixels that are NaN became 127 (3 of them)",
    "robs: acquisition/binned: 3 units, samples added up while each frame is shown",
  ]);
  const gray = await convert("bird_movies.nwb", options);
  expect(gray.taken![0]).toBe(
    "color: stimulus/presentation/color, the luminance of its colors, pixels from -0.299 to 0.299 became 0 to 255, pixels that are NaN became 127 (1 of them)",
  );
});

test("reads clips beside the file", async () => {
  const { session } = await convert("bird_movies.nwb", {
    stimulus: "clips",
    responses: "acquisition/binned",
  });
  expect([...session.recordings.clips!.stim]).toEqual(Array.from({ length: 40 }, (_, i) => i));
});

const NPX_IMAGES = { stimulus: "natural_scenes_presentations", quality: "good" };

test.each([
  ["mouse_npx", "2", NPX_IMAGES],
  ["mouse_npx", "3", NPX_IMAGES],
  ["mouse_2p", "2", { stimulus: "Natural_Images_A" }],
  ["mouse_2p", "3", { stimulus: "Natural_Images_A" }],
  ["cat_flash", "2", {}],
  ["rat_odd", "2", { stimulus: "presentations:left", responses: "events" }],
] as const)("reads Zarr stores like HDF5 files: %s in format %s", async (name, format, options) => {
  const store = `${name}_${format}.zarr`;
  await runPython(script("write_zarr.py"), [join(dir, `${name}.nwb`), join(dir, store), format]);
  const { session, leftOut } = await convert(`${name}.nwb`, options);
  const copy = await convert(store, options);
  expect(copy.session).toEqual({ ...session, name: `${name}_${format}` });
  expect(copy.leftOut).toEqual(leftOut);
});

test("rejects a Zarr store whose order of images is unknown", async () => {
  const store = "unknown.zarr";
  await runPython(script("write_zarr.py"), [join(dir, "cat_flash.nwb"), join(dir, store), "2"]);
  const order = join(dir, store, "stimulus/templates/pictures/order_of_images/.zarray");
  writeFileSync(order, readFileSync(order, "utf8").replace('"|O"', '[["a", "|O"]]'));
  await expect(convert(store)).rejects.toThrow(
    new ConfigError(join(dir, store), [
      {
        path: "stimulus/templates/pictures/order_of_images",
        message:
          "has no references to images, so the numbers of images are unknown; write the file again with pynwb",
      },
    ]),
  );
});

test("names the array of a Zarr store that is damaged", async () => {
  const store = "damaged.nwb.zarr";
  await runPython(script("write_zarr.py"), [join(dir, "mouse_npx.nwb"), join(dir, store), "2"]);
  const chunk = join(dir, store, "units", "spike_times", "0");
  writeFileSync(chunk, "x");
  const options = { stimulus: "natural_scenes_presentations" };
  await expect(convert(store, options)).rejects.toThrow(
    new ConfigError(join(dir, store), [
      {
        path: "units/spike_times",
        message:
          'cannot be read (Failed to decode chunk via codec "numcodecs.zlib"); copy the folder again, or write it with another compressor',
      },
    ]),
  );
  writeFileSync(join(dir, store, "units", ".zattrs"), "{");
  await expect(convert(store, options)).rejects.toThrow(
    new ConfigError(join(dir, store), [
      { path: "units/.zattrs", message: "is not valid JSON; copy the folder again" },
    ]),
  );
});

test("takes integers as bytes, and units only where they were observed", async () => {
  const { session, taken, leftOut } = await convert("rat_odd.nwb", {
    stimulus: "presentations:left,presentations:right",
  });
  const { left, right } = session.recordings;
  expect([firstPixels(left!.stim, 24, 3), firstPixels(right!.stim, 24, 3)]).toEqual([[10, 11, 12], [100, 101, 102]]); // biome-ignore format: one pair
  // A frame of `left` begins at each second, and has one spike. The first trial has no end.
  expect([...left!.robs].every((count) => count === 1)).toBe(true);
  expect([...left!.trialInds.subarray(0, 6)]).toEqual([11, 11, 1, 1, 2, 2]);
  expect(session.cids).toEqual([1]);
  // The eye is closed for the first 2 s; the frame at 2.25 s lies between samples at 2.25 s and 2.3 s.
  expect([...left!.others.pupil_position_valid!.values.subarray(0, 4)]).toEqual([0, 0, 1, 1]);
  expect(taken![0]).toBe("left: stimulus/templates/left");
  expect(leftOut).toEqual([
    "units: 2 units with NaN in some frame: 0, 2",
    "acquisition/scores (TimeSeries)",
    "processing/ophys/cells/masks (PlaneSegmentation)",
    "processing/ophys/traces/events (RoiResponseSeries)",
    "intervals/trials: the columns timeseries",
    "units: the columns tags, waveform_mean",
  ]);
});

test("leaves out frames in which no unit was observed", async () => {
  const { session, leftOut } = await convert("rat_odd.nwb", {
    stimulus: "presentations:left",
    where: "id=0",
  });
  expect([...session.recordings.left!.tBins].map(Math.floor)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]); // biome-ignore format: one list
  expect(leftOut).toContain("left: 1 frames without responses");
  expect(leftOut).toContain("intervals/presentations: 20 rows of other stimuli");
});

test("takes the centres of masks of pixels as places", async () => {
  const { session } = await convert("rat_odd.nwb", { stimulus: "presentations:left", responses: "events" });
  expect(session.coordinates).toEqual([[1.5, 4], [2.5, 4]]); // biome-ignore format: one list
});

test("converts responses of the kind that --kind states", async () => {
  const options = { stimulus: "presentations:left", responses: "acquisition/scores" };
  const { session } = await convert("rat_odd.nwb", { ...options, kind: "zscores" });
  expect(session.responses).toBe("zscores");
  expect(session.recordings.left!.robs.some((score) => score < 0)).toBe(true);
});

/** A small model of images with a loss for signals that are not counts. */
const IMAGES = {
  frontend: { type: "none" },
  convnet: {
    type: "cnn",
    params: { channels: [4], block_configs: [{ conv_params: { kernel_size: [1, 3, 3] } }] },
  },
  readout: { type: "gaussian", params: { initial_std: 1, initial_mean_scale: 0.1 } },
  loss: "gaussian",
};

/** Trains a model on a stimulus type of a session for a few epochs. @returns the losses */
async function trained(
  session: Session,
  model: unknown,
  options: Record<string, unknown>,
): Promise<number[]> {
  const folder = newFolder();
  const name = `${session.name}_1`;
  const [type] = Object.keys(session.recordings);
  await writeSession(join(folder, `${name}.h5`), { ...session, name });
  writeFileSync(join(folder, `${name}.yaml`), `cids: [${session.cids.join(", ")}]`);
  writeFileSync(
    join(folder, "sessions.yaml"),
    JSON.stringify({ types: [type], sessions: [name], ...options }),
  );
  writeFileSync(join(folder, "model.yaml"), JSON.stringify(model));
  const files = { model: join(folder, "model.yaml"), sessions: join(folder, "sessions.yaml") };
  const twin = await loadExperiment(files);
  const run = await new Trainer({ name: "a", dir: folder, maxEpochs: 3, stepsPerEpoch: 4, batchSize: 8 }).fit(
    twin,
  );
  twin.dispose();
  return run.history.map(({ train_loss }) => train_loss!);
}

test("trains on a converted movie with spikes", async () => {
  const { session } = await convert("mouse_npx.nwb", {
    stimulus: "natural_movie_one_presentations",
    block: "0.5",
  });
  const losses = await trained(session, SMALL, {
    keys_lags: { stim: [0, 1, 2, 3, 4, 5] },
    datafilters: { dfs: { ops: [{ valid_nlags: { n_lags: 6 } }] } },
    split: { validation: [0] },
  });
  expect(losses).toHaveLength(3);
  expect(losses[2]).toBeLessThan(losses[0]!);
});

test("trains on converted images with calcium signals", async () => {
  const { session } = await convert("mouse_2p.nwb", {
    stimulus: "stimulus_presentations",
    window: "0,0.25",
    block: "2",
  });
  const losses = await trained(session, IMAGES, {
    keys_lags: { stim: 0 },
    datafilters: { dfs: { ops: [{ valid_nlags: 0 }] } },
  });
  expect(losses).toHaveLength(3);
  expect(losses[2]).toBeLessThan(losses[0]!);
});

const NPX = "natural_scenes_presentations";
const TABLES =
  "natural_movie_one_presentations (column frame of intervals/natural_movie_one_presentations, images of stimulus/templates/natural_movie_one), natural_scenes_presentations (column frame of intervals/natural_scenes_presentations, images of stimulus/templates/natural_scenes), stimulus/templates/natural_movie_one (ImageSeries [30,4,6]), stimulus/templates/natural_scenes (ImageSeries [5,4,6])";
const ROIS =
  "processing/ophys/corrected_fluorescence/traces (RoiResponseSeries [300,3]), processing/ophys/dff/traces (RoiResponseSeries [300,3])";

// biome-ignore format: a table
test.each([
  ["plain.nwb", {}, "stimulus/presentation: has no frames: no image series is in stimulus/presentation, and no interval table names images of stimulus/templates; it has intervals/trials. Give frames that the file lacks as an array by --images, if a column of an interval table (--image_column) numbers them"],
  ["mute.nwb", {}, "--responses: the file has no responses: neither spike times in units, nor a RoiResponseSeries; name a series [time, units] by its path"],
  ["mouse_npx.nwb", {}, `--stimulus: the file has several stimuli; name those to convert, separated by commas: ${TABLES}`],
  ["mouse_npx.nwb", { stimulus: "scenes" }, `--stimulus: the file has no stimulus scenes; it has ${TABLES}`],
  ["mouse_npx.nwb", { stimulus: `${NPX},natural_movie_one_presentations` }, "--sampling_rate: is needed: a frame of natural_scenes_presentations takes 0.25 s, but one of natural_movie_one_presentations 0.0333333 s"],
  ["mouse_npx.nwb", { stimulus: NPX, trials: "flashes" }, "--trials: the file has no table of intervals flashes; it has intervals/drifting_gratings_presentations, intervals/invalid_times, intervals/natural_movie_one_presentations, intervals/natural_scenes_presentations"],
  ["mouse_npx.nwb", { stimulus: NPX, where: "quality" }, '--where: must be a column, one of <= >= != = < > and a value; found "quality"'],
  ["mouse_npx.nwb", { stimulus: NPX, where: "qualty=good" }, '--where: units has no such column: "qualty" is not one of: peak_channel_id, quality, snr, spike_times (did you mean "quality"?)'],
  ["mouse_npx.nwb", { stimulus: NPX, quality: "mua" }, "--where: no row of units meets quality=mua; quality has good (3), noise (1)"],
  ["mouse_npx.nwb", { stimulus: NPX, eye: "gaze" }, "--eye: the file has no series gaze with a clock; it has processing/running/running_speed"],
  ["mouse_npx.nwb", { stimulus: NPX, covariates: "speed" }, '--covariates: must be name=path, such as lick=processing/behavior/licking; found "speed"'],
  ["mouse_npx.nwb", { stimulus: NPX, frame_size: "36" }, '--frame_size: must be rows and columns, such as 36x64; found "36"'],
  ["mouse_npx.nwb", { stimulus: NPX, window: "0.2,0.1" }, '--window: must be two times in seconds, such as 0.05,0.15; found "0.2,0.1"'],
  ["mouse_npx.nwb", { stimulus: NPX, image_column: "stimulus_name" }, "intervals/natural_scenes_presentations/stimulus_name: names no image of stimulus/templates/natural_scenes, which has 5 images, numbered from 0; it has natural_scenes (60)"],
  ["mouse_2p.nwb", { responses: "traces" }, `--responses: traces names processing/ophys/corrected_fluorescence/traces and processing/ophys/dff/traces; it has ${ROIS}`],
  ["mouse_2p.nwb", { responses: "units" }, `--responses: the file has no responses units; it has ${ROIS}`],
  ["bird_movies.nwb", { stimulus: "color", responses: "acquisition/binned,acquisition/rates" }, "--responses: acquisition/binned are counts, but acquisition/rates are rates; convert responses of one kind"],
  ["bird_movies.nwb", { stimulus: "lost" }, "stimulus/presentation/lost/external_file: names away.npy, which is not in DIR; put the clips beside the NWB file"],
  ["bird_movies.nwb", { stimulus: "video" }, "stimulus/presentation/video/external_file: names clip.mp4, whose format cannot be read; .npy and .png can: write its frames as uint8 [frames, height, width] with numpy.save, and name that file"],
  ["bird_movies.nwb", { stimulus: "outside" }, "stimulus/presentation/outside/external_file: names ../outside.npy, outside of the NWB file's folder: such files are not read; put them beside it"],
  ["bird_movies.nwb", { stimulus: "color", responses: "acquisition/coarse" }, "acquisition/coarse: has counts in bins of 0.2 s, but a frame takes 0.1 s; give --sampling_rate, at most 5"],
  ["bird_lost.nwb", { stimulus: "clips", responses: "acquisition/binned" }, "stimulus/presentation/clips/timestamps: are NaN at frame 4, after 0.3; times must be finite and increase"],
  ["rat_late.nwb", { stimulus: "presentations:left" }, "units/spike_times: has no spike while frames are shown, from 0 to 19.5 s: its spikes are from 1000.1 to 1019.6 s; check the clock of the stimulus"],
  ["rat_odd.nwb", { stimulus: "presentations:left", responses: "acquisition/scores", kind: "waves" }, '--kind: "waves" is not one of: counts, rates, calcium, zscores'],
  ["bird_movies.nwb", { stimulus: "still", responses: "acquisition/binned" }, "acquisition/binned: has responses in only 1 of 1 frames of still; give a stimulus of two or more frames, on the clock of the responses"],
] as const)("explains what is wrong: case %#, %s %j", async (file, options, message) => {
  const error = await convert(file, options).catch((thrown: Error) => thrown);
  expect(String((error as Error).message)).toBe(`${join(dir, file)}: ${message.replace("DIR", dir)}`);
});
