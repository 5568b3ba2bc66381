import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { decodeMovie, encodeMovie } from "../../lib/base/dsp/movie";
import { loadSessions, readSession, simulateSessions } from "../../lib/data";
import { stimPixels } from "../../lib/data/prepare-recording";
import { MultiDatasetDM } from "../../lib/data/serving/multi-dataset";
import { ResidentData } from "../../lib/data/serving/resident";
import { tf } from "../../lib/engine";
import { newFolder } from "../new-folder";
import { runPython } from "../python/python";

const dir = newFolder();
const NAMES = ["luke_2031-03-01", "allen_2031-03-01"];
beforeAll(async () => {
  await simulateSessions({ outDir: dir, sessions: 2, frames: 2880, units: 3, size: 11 });
});

function parent(changes: object = {}): string {
  const file = join(dir, "parent.yaml");
  const config = {
    types: ["backimage", "gaborium"],
    sessions: NAMES,
    keys_lags: { stim: [0, 1, 2] },
    datafilters: { dfs: { ops: [{ valid_nlags: { n_lags: 3 } }] } },
  };
  writeFileSync(file, JSON.stringify({ ...config, ...changes }));
  return file;
}

/** Returns the stimulus that the twin serves for some frames of all sessions. */
function served(data: MultiDatasetDM, frames: number[]): Float32Array {
  const resident = new ResidentData(data.sessions, { stim: true });
  const values = tf.tidy(() => {
    const dataset = tf.zeros([frames.length], "int32") as tf.Tensor1D;
    return resident
      .samples({ frame: tf.tensor1d(frames, "int32"), dataset })
      .stim!.dataSync() as Float32Array;
  });
  resident.dispose();
  return values;
}

test("converts 16-bit floats like numpy, and back", async () => {
  const values = Float32Array.of(0, -0, 1, 1 / 3, -2.7, 300, 6.1e-5, 5.9e-8, 1e-9, 65504, 65519, 65520, 1e30, 3.4e38, Number.POSITIVE_INFINITY); // biome-ignore format: a list
  const halves = new Uint16Array(values.length);
  encodeMovie("float16", values, halves, 0);
  const numpy = await runPython(
    "import numpy as np, sys, json; print(np.array(json.loads(sys.argv[1].replace('null', 'Infinity')), np.float32).astype(np.float16).view(np.uint16).tolist())",
    [JSON.stringify([...values].map((x) => (Object.is(x, -0) ? 0 : x)))],
  );
  expect([...halves].map((code) => (code === 0x8000 ? 0 : code))).toEqual(JSON.parse(numpy));
  fc.assert(
    fc.property(fc.constantFrom("float16", "bfloat16"), fc.nat(0x7bff), (dtype, code) => {
      const back = new Uint16Array(1);
      encodeMovie(dtype, decodeMovie(dtype, Uint16Array.of(code)), back, 0);
      expect(back[0]).toBe(code);
    }),
  );
});

test("serves the same movie from every kind of storage, within its precision", async () => {
  const bytes = await MultiDatasetDM.load(parent());
  const frames = [4, 100, 2000, bytes.offsets[1]! + 7];
  const exact = served(bytes, frames);
  const direct = bytes.sessions.map(({ stim }) => stim as Uint8Array);
  expect(exact[exact.length - 1]).toBeCloseTo((direct[1]![8 * 121 - 1]! - 127) / 255, 6);
  for (const [dsetDtype, error] of [
    ["float32", 1e-7],
    ["float16", 3e-4],
    ["bfloat16", 2e-3],
  ] as const) {
    // biome-ignore format: pairs
    const found = served(await MultiDatasetDM.load(parent(), { dsetDtype }), frames);
    expect(Math.max(...found.map((x, i) => Math.abs(x - exact[i]!)))).toBeLessThanOrEqual(error);
  }
});

test("accepts any transform for a floating-point movie, for each stimulus type separately", async () => {
  const transforms = {
    stim: { source: "stim", ops: [{ pixelnorm: {} }, { diff: { axis: 0 } }, { unsqueeze: -1 }] },
  };
  const [session] = await loadSessions(parent({ transforms }), { dsetDtype: "float32" });
  const raw = await readSession(join(dir, `${NAMES[0]}.h5`));
  for (const [i, type] of ["backimage", "gaborium"].entries()) {
    const { stim } = raw.recordings[type]!;
    const first = session!.parts[i]!.first;
    const own = stimPixels(session!, first, 3);
    expect([...own.subarray(0, 121)]).toEqual(new Array(121).fill(0));
    expect(own[2 * 121 + 40]).toBeCloseTo((stim[2 * 121 + 40]! - stim[121 + 40]!) / 255, 5);
  }
  await expect(loadSessions(parent({ transforms }))).rejects.toThrow(
    'transforms.stim.ops: "diff" needs the movie in floating point, but it is kept as bytes; allowed: pixelnorm, unsqueeze; or choose another dset_dtype',
  );
  const split = { stim: { source: "stim", ops: [{ splitrelu: { split_dim: 1 } }] } };
  await expect(loadSessions(parent({ transforms: split }), { dsetDtype: "float16" })).rejects.toThrow(
    "transforms.stim.ops: gives shape [1,22,11], but a movie must have shape [1,11,11], [1,11,11,channels] or [1,channels,11,11]",
  );
});

test("reads a movie in chunks into its final memory and downsamples it on the way", async () => {
  const sampling = { source_rate: 120, target_rate: 40 };
  let memory: Uint8Array[] = [];
  const allocate = (bytes: number[]) => (memory = bytes.map((length) => new Uint8Array(length)));
  const [session] = await loadSessions(parent({ sampling }), { allocate });
  expect(session!.stim.buffer).toBe(memory[0]!.buffer);
  const raw = await readSession(join(dir, `${NAMES[0]}.h5`));
  const { frames, first } = session!.parts[1]!;
  expect(session!.stim).toHaveLength((first + frames) * 121);
  for (const t of [0, 1, frames - 1]) {
    expect([...stimPixels(session!, first + t, 1)]).toEqual([
      ...raw.recordings.gaborium!.stim.subarray(3 * t * 121, (3 * t + 1) * 121),
    ]);
  }
});

test("accepts a channel axis before the rows, as the PyTorch package puts it", async () => {
  const ops = [{ pixelnorm: {} }, { unsqueeze: 1 }];
  const stim = { stim: { source: "stim", ops, expose_as: "stim" } };
  const [channel] = await loadSessions(parent({ transforms: stim }), { dsetDtype: "float32" });
  const [plain] = await loadSessions(parent({}), { dsetDtype: "float32" });
  expect(stimPixels(channel!, 0, 2)).toEqual(stimPixels(plain!, 0, 2));
});
