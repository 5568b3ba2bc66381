import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { zipSync } from "fflate";
import { beforeAll, expect, test } from "vitest";
import { readSession } from "../../lib/data";
import { sessionOfArrays } from "../../lib/data/convert/arrays";
import { newFolder } from "../new-folder";
import { runPython } from "../python/python";

const dir = newFolder();
const session = (name: string) => join(dir, "recordings", name);

beforeAll(async () => {
  mkdirSync(join(dir, "recordings"));
  await runPython(`
import h5py, numpy as np
dir = ${JSON.stringify(dir)}
with h5py.File(dir + "/outside.h5", "w") as f: f["a"] = np.zeros((8, 2), "f4")
with h5py.File(dir + "/recordings/beside.h5", "w") as f: f["a"] = np.zeros((8, 2), "f4")
open(dir + "/outside.bin", "wb").write(bytes(64))
def write(name, robs=None, cids=(1, 2), **attributes):
    with h5py.File(dir + "/recordings/" + name + ".h5", "w") as f:
        f.attrs.update({"format": "gradbook-session", "format_version": 1, "name": name, "sampling_rate": 120.0, "pixels_per_degree": 10.0, **attributes})
        f["cids"] = np.array(cids)
        g = f.create_group("noise")
        g["stim"] = np.ones((8, 3, 3), "u1")
        g["eyepos"], g["t_bins"] = np.zeros((8, 2), "f4"), np.arange(8) / 120
        g["trial_inds"], g["dpi_valid"] = np.repeat([0, 1], 4), np.ones(8, "f4")
        if robs is None: g["robs"] = np.zeros((8, len(cids)), "f4")
        else: robs(g)
def storage(g): g.create_dataset("robs", shape=(8, 2), dtype="f4", external=[(dir + "/outside.bin", 0, 64)])
def virtual(file):
    def make(g):
        layout = h5py.VirtualLayout(shape=(8, 2), dtype="f4")
        layout[:] = h5py.VirtualSource(file, "a", shape=(8, 2))
        g.create_virtual_dataset("robs", layout)
    return make
def link(file):
    def make(g): g["robs"] = h5py.ExternalLink(file, "a")
    return make
write("link", link("../outside.h5"))
write("symlink", link("linked.h5"))
write("absolute", link(dir + "/outside.h5"))
write("storage", storage)
write("virtual", virtual(dir + "/outside.h5"))
write("fine_link", link("beside.h5"))
write("fine_virtual", virtual("beside.h5"))
write("later", format_version=2)
write("infinite", cids=(1.0, np.inf))
write("many", cids=np.arange(300_000))
`);
  symlinkSync(join("..", "outside.h5"), session("linked.h5"));
}, 60_000);

test.each(["link", "symlink", "absolute", "storage", "virtual"])(
  "does not follow a path to a file outside the recording's folder: %s",
  async (name) => {
    await expect(readSession(session(`${name}.h5`))).rejects.toThrow(
      /outside its own folder: such files are not read; put them beside it, or copy the data into it \(h5repack, h5py\)$/,
    );
  },
);

test.each(["fine_link", "fine_virtual"])(
  "follows a path to a file beside the recording: %s",
  async (name) => {
    expect((await readSession(session(`${name}.h5`))).recordings.noise!.robs).toHaveLength(16);
  },
);

test("rejects a file of a later layout version", async () => {
  await expect(readSession(session("later.h5"))).rejects.toThrow(
    `${session("later.h5")}: format_version: is 2, but this version of gradbook reads 1; update gradbook, or write the file again`,
  );
});

test("rejects a unit id that is not an integer", async () => {
  await expect(readSession(session("infinite.h5"))).rejects.toThrow(
    `${session("infinite.h5")}: cids: has Infinity at 1; an id must be a whole number`,
  );
});

test("reads 300,000 units in time proportional to their number", async () => {
  const began = performance.now();
  expect((await readSession(session("many.h5"))).cids).toHaveLength(300_000);
  expect(performance.now() - began).toBeLessThan(10_000);
});

/** An array as numpy writes it. */
function npy(descr: string, shape: string, bytes: number): Uint8Array {
  const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }`.padEnd(117, " ");
  const start = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0]);
  return new Uint8Array(Buffer.concat([start, Buffer.from(`${header}\n`), Buffer.alloc(bytes)]));
}
const ARRAYS = {
  "stim.npy": npy("|u1", "(4, 2, 2)", 16),
  "robs.npy": npy("<f4", "(4, 2)", 32),
  "trial_inds.npy": npy("<i4", "(4,)", 16),
};

test.each([
  [
    { "t_bins.npy": npy("<f8", "(-1,)", 32) },
    "t_bins: has the shape (-1,), which is not a valid shape; write it with numpy.save",
  ],
  [
    { "x.npy": npy("<f8", "(9007199254740993, 2)", 32) },
    "x: has the shape (9007199254740993, 2), which is not a valid shape; write it with numpy.save",
  ],
  [
    { "x.npy": npy("<f8", "(4.5,)", 32) },
    "x: has the shape (4.5,), which is not a valid shape; write it with numpy.save",
  ],
  [{ stim: ARRAYS["stim.npy"] }, "stim: occurs twice; give each array a unique name"],
  [{ "cids.npy": npy("<i4", "(2,)", 8) }, "cids: has 0 at 0 and again at 1; each unit needs a unique id"],
  [{ "cids.npy": npy("<i4", "(1,)", 4) }, "cids: has 1 ids, but robs has 2 columns, one for each unit"],
] as const)("rejects invalid arrays in an .npz file: case %#", (more, message) => {
  const file = join(dir, "arrays.npz");
  writeFileSync(file, zipSync({ ...ARRAYS, ...more } as Record<string, Uint8Array>));
  expect(() => sessionOfArrays(file, { name: "a_1", samplingRate: 120 })).toThrow(`${file}: ${message}`);
});
