import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { readSession, writeSession } from "../../../lib/data";
import { type Hdf5Array, putArray, writeHdf5 } from "../../../lib/data/hdf5";
import { byteEdits, editBytes } from "../bytes";
import { defineFamily, require } from "../family";
import { tinySession } from "../tiny-session";
import { editTree, treeEdits } from "../tree";

/** A session file as a tree: attributes, and for each dataset its shape and the type of its values. */
const STRUCTURE = {
  attributes: { format: "gradbook-session", format_version: 1, name: "a_1", sampling_rate: 120, pixels_per_degree: 10 },
  datasets: {
    cids: [[2], "Int32Array", 1],
    unit_coordinates: [[2, 2], "Float32Array", 0.5],
    unit_groups: [[2], "Int32Array", 0],
    "noise/stim": [[24, 5, 5], "Uint8Array", 9],
    "noise/robs": [[24, 2], "Float32Array", 1],
    "noise/eyepos": [[24, 2], "Float32Array", 0],
    "noise/t_bins": [[24], "Float64Array", 0],
    "noise/trial_inds": [[24], "Int32Array", 0],
    "noise/dpi_valid": [[24], "Float32Array", 1],
    "noise/pupil": [[24, 1], "Float32Array", 1],
  },
}; // biome-ignore format: a table

/** Session files: their bytes or their structure are changed. After each one a valid file must still be readable. */
export const family = defineFamily({
  inputs: fc.oneof(fc.record({ bytes: byteEdits }), fc.record({ structure: treeEdits })),
  async prepare(folder) {
    const [valid, file] = [join(folder, "valid.h5"), join(folder, "changed.h5")];
    await writeSession(valid, tinySession());
    const bytes = readFileSync(valid);
    return async (input) => {
      if ("bytes" in input) writeFileSync(file, editBytes(bytes, input.bytes));
      else await writeStructure(file, editTree(STRUCTURE, input.structure));
      try {
        await readSession(file);
      } finally {
        const { cids } = await readSession(valid);
        require(cids.length === 2, "a valid file is read otherwise after a damaged one");
      }
    };
  },
});

const ARRAYS = { Uint8Array, Int32Array, Float32Array, Float64Array };
const MOST_VALUES = 100_000;

/** Writes the parts of a changed structure that HDF5 can write. */
async function writeStructure(file: string, structure: unknown): Promise<void> {
  const { attributes, datasets } = Object(structure) as Record<string, object>;
  await writeHdf5(file, (target) => {
    for (const [name, value] of Object.entries(attributes ?? {}))
      attempt(() => target.create_attribute(name, value as string | number));
    for (const [path, described] of Object.entries(datasets ?? {})) {
      const array = arrayOf(described);
      const parts = path.split("/");
      const name = parts.pop()!;
      const group = parts[0] ? (target.get(parts[0]) ?? target.create_group(parts[0])) : target;
      attempt(() =>
        array ? putArray(group as never, name, array) : (group as typeof target).create_group(name),
      );
    }
  });
}

function arrayOf(described: unknown): Hdf5Array | undefined {
  const [shape, type, value] = Array.isArray(described) ? described : [];
  if (!Array.isArray(shape) || !shape.every((length) => Number.isSafeInteger(length) && length >= 0))
    return undefined;
  const count = shape.reduce((a, b) => a * b, 1);
  if (shape.length === 0 || count > MOST_VALUES) return undefined;
  const kind = Object.hasOwn(ARRAYS, String(type)) ? (type as keyof typeof ARRAYS) : "Float32Array";
  const values = new ARRAYS[kind](count).map((_, i) =>
    value === 1 && shape.length === 1 ? i : Number(value),
  );
  return { shape, values };
}

/** A part that HDF5 refuses to write is left out of the file. */
function attempt(write: () => unknown): void {
  try {
    write();
  } catch {
    // This part is not written.
  }
}
