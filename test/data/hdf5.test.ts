import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Group } from "h5wasm/node";
import { expect, test } from "vitest";
import { readSession } from "../../lib/data";
import { readHdf5, writeHdf5 } from "../../lib/data/hdf5";
import { openDataset } from "../../lib/data/hdf5-dataset";
import { complaintOf } from "../complaint";
import { newFolder } from "../new-folder";
import { runPython } from "../python/python";

const dir = newFolder();

/** Writes a session of 600 frames with h5py, and changes it: `f` is the file, `g` its stimulus type. */
const write = (name: string, change: string) =>
  runPython(
    `import h5py, numpy as np, sys
with h5py.File(sys.argv[1], "w") as f:
    f.attrs.update(name="x", sampling_rate=120.0, pixels_per_degree=12.0)
    f["cids"] = [1, 2]
    g = f.create_group("noise")
    def put(name, values, **how):
        if name in g: del g[name]
        g.create_dataset(name, data=values, **how)
    t = np.arange(600)
    put("stim", (t[:, None, None] * 7 + np.arange(9).reshape(3, 3)).astype(np.uint8))
    put("robs", np.stack([t % 3, t % 5], 1)); put("eyepos", np.zeros((600, 2))); put("t_bins", t / 120)
    put("trial_inds", t // 100); put("dpi_valid", np.ones(600))
    ${change}`,
    [join(dir, `${name}.h5`)],
  );

const complaint = (name: string) => complaintOf(readSession(join(dir, `${name}.h5`)), dir);

test("reads covariates that h5py compressed with lzf, and in float16", async () => {
  await write("plain", "pass");
  await write(
    "packed",
    'put("stim", g["stim"][:], chunks=(256, 3, 3), compression="lzf"); put("robs", g["robs"][:], compression="lzf"); put("pupil", (t / 8).astype(np.float16))',
  );
  const [plain, packed] = await Promise.all(
    ["plain", "packed"].map((name) => readSession(join(dir, `${name}.h5`))),
  );
  const { others, ...recording } = packed!.recordings.noise!;
  expect({ ...recording, others: {} }).toEqual(plain!.recordings.noise);
  expect(others.pupil).toEqual({
    shape: [600],
    whole: false,
    values: Float32Array.from({ length: 600 }, (_, t) => t / 8),
  });
});

test.each([
  ["bzip2", 307, [9]],
  ["lz4", 32004, [0]],
  ["blosc", 32001, [2, 2, 1, 3200, 5, 1, 1]],
  ["bitshuffle", 32008, [0, 0, 1, 0, 2]],
  ["zstd", 32015, [3]],
])("reads datasets that are compressed with %s", async (_, filter, options) => {
  const file = join(dir, "packed-by-filter.h5");
  const data = Float32Array.from({ length: 2000 }, (_, i) => i % 17);
  await writeHdf5(file, (h5) => {
    const how = { chunks: [100, 4], compression: filter, compression_opts: options };
    h5.create_dataset({ name: "values", data, shape: [500, 4], dtype: "<f", ...how });
  });
  expect(await readHdf5(file, "", (h5) => openDataset(h5, "values")!.readAll())).toEqual(data);
});

test("reads rows, and all values in slices of whole chunks", async () => {
  const file = join(dir, "long.h5");
  const values = Uint8Array.from({ length: 5000 * 9000 }, (_, i) => i >> 10);
  await writeHdf5(file, (h5) => {
    const how = { chunks: [700, 9000], compression: 1, shape: [5000, 9000], dtype: "<B" };
    h5.create_dataset({ name: "values", data: values, ...how });
  });
  await readHdf5(file, "", (h5) => {
    const found = openDataset(h5 as Group, "values")!;
    expect(found.read(4998, 5000)).toEqual(values.subarray(4998 * 9000));
    const lengths = [...found.slices()].map(({ length }) => length / 9000);
    expect(lengths).toEqual([700, 700, 700, 700, 700, 700, 700, 100]);
    expect(Buffer.compare(found.readAll() as Uint8Array, values)).toBe(0);
  });
});

test("returns values that later reads do not overwrite", async () => {
  const file = join(dir, "two.h5");
  const values = [Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5, 6)];
  await writeHdf5(file, (h5) => {
    values.forEach((data, i) => {
      h5.create_dataset({ name: String(i), data, shape: [3], dtype: "<B" });
    });
  });
  await readHdf5(file, "", (h5) => {
    const datasets = values.map((_, i) => openDataset(h5 as Group, String(i))!);
    for (const read of ["read", "readAll"] as const)
      expect(datasets.map((dataset) => dataset[read]())).toEqual(values);
  });
});

test("names the filter that is missing, and the command that repacks the file", async () => {
  // The number of a filter that is in no library, in place of lzf's.
  await write("unknown", 'put("robs", g["robs"][:], compression="lzf")');
  await runPython(
    `import sys
file = open(sys.argv[1], "r+b"); data = file.read()
at = data.rindex((32000).to_bytes(2, "little"), 0, data.index(b"lzf")); file.seek(at); file.write((32123).to_bytes(2, "little"))`,
    [join(dir, "unknown.h5")],
  );
  expect(await complaint("unknown")).toBe(
    "unknown.h5: noise/robs: is compressed with lzf (HDF5 filter 32123), which is not read; repack the file where that filter is installed: `h5repack -f GZIP=1 old.h5 new.h5`",
  );
});

test("states why an intact file cannot be read, and does not call it damaged", async () => {
  await write(
    "virtual",
    'layout = h5py.VirtualLayout((600,), float); layout[...] = h5py.VirtualSource("gone.h5", "x", (600,)); del g["dpi_valid"]; g.create_virtual_dataset("dpi_valid", layout)',
  );
  expect(await complaint("virtual")).toBe(
    "virtual.h5: noise/dpi_valid: is a virtual dataset, and its source gone.h5 is missing; copy it beside the file",
  );
  await write(
    "chunky",
    'g.create_dataset("extra", (600, 10**6), "f4", chunks=(600, 10**6), compression="gzip")',
  );
  expect(await complaint("chunky")).toBe(
    "chunky.h5: noise/extra: is stored in compressed chunks of 2.4 GB, but at most 537 MB are unpacked at once; store it in smaller ones: `h5repack -l /noise/extra:CHUNK=256x1000000 old.h5 new.h5`",
  );
  await write(
    "huge",
    'g.create_dataset("extra", (600, 10**10), "f4", chunks=(1, 10**6), compression="gzip")',
  );
  expect(await complaint("huge")).toMatch(
    /^huge\.h5: noise\/extra: needs 24 TB of memory; the process uses [\d.]+ [MG]B, and [\d.]+ [MGT]B may be used\. Read fewer sessions or stimulus types \(`types`\), or leave the covariate out of the configuration$/,
  );
  mkdirSync(join(dir, "folder.h5"));
  await expect(readHdf5(join(dir, "folder.h5"), "", () => {})).rejects.toThrow(
    "folder.h5: is a folder; give an HDF5 file",
  );
});
