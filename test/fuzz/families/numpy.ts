import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { zipSync } from "fflate";
import { readSession, writeSession } from "../../../lib/data";
import { importSession } from "../../../lib/data/convert/importers";
import { type ByteEdit, byteEdits, editBytes } from "../bytes";
import { defineFamily } from "../family";
import { tinySession } from "../tiny-session";

/** The arrays of a session: numpy's type, shape, and bytes of one value. */
const ARRAYS: Readonly<Record<string, readonly [type: string, shape: string, bytes: number]>> = {
  stim: ["|u1", "(4, 2, 2)", 16],
  robs: ["<f4", "(4, 2)", 32],
  trial_inds: ["<i4", "(4,)", 16],
  cids: ["<i8", "(2,)", 16],
  pupil: ["<f8", "(4, 1)", 32],
}; // biome-ignore format: a table

const type = fc.constantFrom(
  "|b1",
  "|u1",
  "<i2",
  "<u4",
  "<i8",
  "<u8",
  "<f2",
  "<f4",
  "<f8",
  ">f8",
  "|O",
  "<U3",
  "<c8",
  "",
);
const length = fc.oneof(
  fc.nat(8).map(String),
  fc.constantFrom("-1", "4.5", "", "x", "2147483648", "9007199254740993", "1e400"),
);
const shape = fc.array(length, { maxLength: 4 }).map((lengths) => `(${lengths.join(", ")})`);
const name = fc.oneof(fc.constantFrom(...Object.keys(ARRAYS), "t_bins", "eyepos", "dpi_valid", "a/stim", "a/robs", "../x", "__proto__", "constructor", "xstim"), fc.string({ maxLength: 5 })); // biome-ignore format: one choice

interface Changed {
  readonly name: string;
  readonly from: string;
  readonly type?: string | undefined;
  readonly shape?: string | undefined;
  readonly filled: number;
  readonly bytes: readonly ByteEdit[];
}
const changed: fc.Arbitrary<Changed> = fc.record({
  name,
  from: fc.constantFrom(...Object.keys(ARRAYS)),
  type: fc.option(type, { nil: undefined }),
  shape: fc.option(shape, { nil: undefined }),
  filled: fc.constantFrom(0, 1, 127, 128, 255),
  bytes: fc.option(byteEdits, { freq: 2, nil: [] }),
});

/**
 * `.npz` files: arrays are changed, added or left out, and bytes of the file are changed. An accepted file must be
 * written and read back.
 */
export const family = defineFamily({
  inputs: fc.record({
    arrays: fc.array(changed, { maxLength: 3 }),
    without: fc.option(fc.constantFrom(...Object.keys(ARRAYS)), { freq: 3, nil: undefined }),
    bytes: fc.option(byteEdits, { freq: 3, nil: [] }),
  }),
  async prepare(folder) {
    const [file, session] = [join(folder, "arrays.npz"), join(folder, "session.h5")];
    // Loads the HDF5 library first, so that its time does not count for an input.
    await writeSession(session, tinySession());
    return async (input) => {
      const arrays = Object.entries(ARRAYS)
        .filter(([array]) => array !== input.without)
        .map(
          ([array, written]) =>
            [`${array}.npy`, npy(...written, array === "cids" ? [1, 0, 0, 0, 0, 0, 0, 0, 2] : [])] as const,
        );
      const more = input.arrays.map((array) => [`${array.name}.npy`, npyOf(array)] as const);
      writeFileSync(file, editBytes(zipSync(Object.fromEntries([...arrays, ...more])), input.bytes));
      const converted = await importSession(file, { sampling_rate: "120" });
      await writeSession(session, converted.session);
      await readSession(session);
    };
  },
});

function npyOf({ from, type, shape, filled, bytes }: Changed): Uint8Array {
  const [standardType, standardShape, size] = ARRAYS[from]!;
  return editBytes(
    npy(type ?? standardType, shape ?? standardShape, size, new Array(size).fill(filled)),
    bytes,
  );
}

/** An array as numpy writes it. */
function npy(descr: string, shape: string, bytes: number, values: readonly number[]): Uint8Array {
  const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }`.padEnd(117, " ");
  const start = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0]);
  const data = Buffer.alloc(bytes);
  data.set(values);
  return Buffer.concat([start, Buffer.from(`${header}\n`), data]);
}
