import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { normalisedByte } from "../../lib/base/dsp/movie";
import { raisedCosines } from "../../lib/base/dsp/raised-cosines";
import { loadSessions, type Recording, readSession, writeSession } from "../../lib/data";
import { stimPixels } from "../../lib/data/prepare-recording";
import { ResidentData } from "../../lib/data/serving/resident";
import { tf } from "../../lib/engine";
import { loadExperiment } from "../../lib/twin/experiment";
import { newFolder } from "../new-folder";
import { runPython } from "../python/python";

const dir = newFolder();
afterEach(() => vi.restoreAllMocks());

const [FRAMES, HEIGHT, WIDTH] = [40, 3, 4];

/** Trials of 10 frames with a movie of several channels. */
function recording(stim: Recording["stim"], channels: number): Recording {
  return {
    frames: FRAMES,
    height: HEIGHT,
    width: WIDTH,
    channels,
    stim,
    others: {},
    robs: Float32Array.from({ length: FRAMES * 2 }, (_, i) => (i * 7) % 3),
    eyepos: new Float32Array(FRAMES * 2),
    tBins: Float64Array.from({ length: FRAMES }, (_, t) => t / 120),
    trialInds: Int32Array.from({ length: FRAMES }, (_, t) => Math.floor(t / 10)),
    dpiValid: new Float32Array(FRAMES).fill(1),
  };
}

const length = (channels: number) => FRAMES * HEIGHT * WIDTH * channels;
const bytes = (channels: number) => Uint8Array.from({ length: length(channels) }, (_, i) => (i * 31) % 256);
const floats = (channels: number) =>
  Float32Array.from({ length: length(channels) }, (_, i) => ((i * 31) % 200) / 100 - 1);

/** Writes a session, and returns the file that names it. */
async function sessions(recordings: Record<string, Recording>, more: object = {}): Promise<string> {
  await writeSession(join(dir, "ada_1.h5"), {
    name: "ada_1",
    samplingRate: 120,
    pixelsPerDegree: 12,
    cids: [1, 2],
    recordings,
  });
  writeFileSync(join(dir, "ada_1.yaml"), "cids: [1, 2]");
  const file = join(dir, "all.yaml");
  const config = { types: Object.keys(recordings), sessions: ["ada_1"], keys_lags: { stim: [0, 1, 2] } };
  writeFileSync(file, JSON.stringify({ ...config, ...more }));
  return file;
}

const ops = (...list: object[]) => ({ transforms: { stim: { source: "stim", ops: list } } });

test("keeps the channels of a movie from the file to the model's input", async () => {
  const stim = bytes(3);
  const [session] = await loadSessions(await sessions({ color: recording(stim, 3) }));
  expect([session!.channels, session!.stimDtype]).toEqual([3, "uint8"]);
  for (const deviceBudget of [undefined, 0]) {
    const data = new ResidentData([session!], { stim: true, limits: { deviceBudget } });
    const batch = { frame: Int32Array.of(7, 20), dataset: Int32Array.of(0, 0) };
    for await (const served of data.serve([batch])) {
      const values = tf.tidy(() => {
        const tensors = Object.fromEntries(
          Object.entries(served).map(([name, value]) => [
            name,
            ArrayBuffer.isView(value) ? tf.tensor1d(value as Int32Array, "int32") : value,
          ]),
        );
        return data.samples(tensors as never).stim!;
      });
      expect(values.shape).toEqual([2, 3, HEIGHT, WIDTH, 3]);
      const frame = HEIGHT * WIDTH * 3;
      const wanted = [5, 6, 7, 18, 19, 20].flatMap((t) => [...stim.subarray(t * frame, (t + 1) * frame)]);
      expect([...values.dataSync()]).toEqual([...Float32Array.from(wanted, normalisedByte)]);
      values.dispose();
    }
    data.dispose();
  }
});

test("uses floating-point movies as they are, and states their range", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  const stim = floats(2);
  const file = await sessions({ noise: recording(stim, 2) });
  const [session] = await loadSessions(file);
  expect(warn.mock.calls.flat()).toEqual([
    `${join(dir, "ada_1.h5")}: noise/stim: has floating-point values from -1 to 0.99, which are used as they are. State the range in the attribute \`range\` of stim, [least, greatest], to have it checked.`,
  ]);
  expect([session!.channels, session!.stimDtype]).toEqual([2, "float32"]);
  expect(stimPixels(session!, 0, FRAMES)).toEqual(stim);
  warn.mockClear();
  await sessions({ noise: { ...recording(stim, 2), stimRange: [-1, 1] } });
  const read = await readSession(join(dir, "ada_1.h5"));
  expect(read.recordings.noise!.stimRange).toEqual([-1, 1]);
  expect(read.recordings.noise!.stim).toEqual(stim);
  expect(warn).not.toHaveBeenCalled();
});

test("stores all movies in floating point when one is, each with the transforms of its own type", async () => {
  vi.spyOn(console, "warn").mockImplementation(() => {});
  const file = await sessions({ pictures: recording(bytes(1), 1), noise: recording(floats(1), 1) });
  const [session] = await loadSessions(file);
  expect(session!.stimDtype).toBe("float32");
  expect(stimPixels(session!, 0, FRAMES)).toEqual(Float32Array.from(bytes(1), normalisedByte));
  expect(stimPixels(session!, FRAMES, FRAMES)).toEqual(floats(1));
});

test("refuses values that are not finite or out of the stated range, and pixelnorm of other values", async () => {
  vi.spyOn(console, "warn").mockImplementation(() => {});
  const said = async (stim: Float32Array, more: Partial<Recording> = {}, config: object = {}) =>
    loadSessions(await sessions({ noise: { ...recording(stim, 1), ...more } }, config)).then(
      () => "nothing",
      ({ message }: Error) => message.replaceAll(`${dir}/`, ""),
    );
  expect(await said(floats(1).fill(Number.NaN, 50, 51))).toBe(
    "ada_1.h5: noise/stim: is NaN at frame 4; a floating-point movie must be finite; fill or remove these frames",
  );
  expect(await said(floats(1), { stimRange: [0, 1] })).toBe(
    "ada_1.h5: noise/stim: is -1 at frame 0; its attribute range is [0,1]; correct the values or the range",
  );
  expect(await said(floats(1), { stimRange: [1, -1] })).toBe(
    "ada_1.h5: noise/stim: its attribute range must be two numbers, the least and the greatest value; found [1,-1]",
  );
  expect(await said(floats(1), {}, ops({ pixelnorm: {} }))).toBe(
    "ada_1.h5: transforms.stim.ops.0.pixelnorm: maps 0..255 to -0.5..0.5, but noise/stim has floating-point values in -1..0.99; leave it out, or use mul",
  );
});

test("reads floating-point movies that h5py wrote, in any precision that HDF5 reads", async () => {
  const file = join(dir, "ada_1.h5");
  await sessions({ noise: recording(bytes(1), 1) });
  await runPython(
    `import h5py, sys, numpy as np
with h5py.File(sys.argv[1], "r+") as f:
    del f["noise/stim"]
    f["noise/stim"] = np.arange(${length(2)}).reshape(${FRAMES}, ${HEIGHT}, ${WIDTH}, 2) / ${length(2)}
    f["noise/stim"].attrs["range"] = [0, 1]`,
    [file],
  );
  const { noise } = (await readSession(file)).recordings;
  expect([noise!.channels, noise!.stimRange]).toEqual([2, [0, 1]]);
  expect(noise!.stim).toEqual(Float32Array.from({ length: length(2) }, (_, i) => i / length(2)));
});

test("serves temporal_basis as channels, wherever unsqueeze puts the axis", async () => {
  const stim = bytes(1);
  const basis = { num_cosine_funcs: 3, history_bins: 6 };
  const served = async (...list: object[]) => {
    const file = await sessions({ movie: recording(stim, 1) }, ops({ pixelnorm: {} }, ...list));
    return (await loadSessions(file, { dsetDtype: "float32" }))[0]!;
  };
  const session = await served({ temporal_basis: basis });
  expect(session.channels).toBe(3);
  const kernels = raisedCosines({
    num_delta_funcs: 0,
    log_spacing: true,
    peak_range_ms: [5, 100],
    bin_size_ms: 5,
    normalize: true,
    ...basis,
  } as never);
  const values = stimPixels(session, 20, 1);
  for (const pixel of [0, 5, 11])
    for (const channel of [0, 1, 2]) {
      const wanted = kernels[channel]!.reduce(
        (sum, tap, lag) => sum + tap * normalisedByte(stim[(20 - lag) * HEIGHT * WIDTH + pixel]!),
        0,
      );
      expect(values[pixel * 3 + channel]).toBeCloseTo(wanted, 5);
    }
  for (const axis of [1, -1]) {
    const same = await served({ unsqueeze: axis }, { temporal_basis: basis });
    expect([same.channels, same.stim]).toEqual([3, session.stim]);
  }
  const split = await served({ unsqueeze: 1 }, { splitrelu: { split_dim: 1 } });
  expect(split.channels).toBe(2);
});

test("trains a model on movies of several channels, and names both sides when its channels differ", async () => {
  const file = await sessions({ color: recording(bytes(3), 3) });
  const model = join(dir, "model.yaml");
  const block = { conv_params: { kernel_size: [3, 3, 3], padding: [0, 1, 1] } };
  const convnet = { type: "cnn", params: { channels: [4], block_configs: [block] } };
  const write = (more: object) =>
    writeFileSync(model, JSON.stringify({ convnet, readout: { type: "linear" }, ...more }));
  write({});
  const twin = await loadExperiment({ model, sessions: file });
  const kernel = twin.model.spatialKernels()[0]!;
  expect(kernel.shape.slice(-2)).toEqual([3, 4]);
  expect((await twin.predict(0, [2, 39])).every((rate) => rate > 0)).toBe(true);
  twin.dispose();
  write({ initial_input_channels: 1 });
  await expect(loadExperiment({ model, sessions: file })).rejects.toThrow(
    `${model}: initial_input_channels: is 1, but the sessions' movies have 3 channels (the last axis of stim); change it, or leave it out`,
  );
});
