import fc from "fast-check";

/** One change of a file's bytes; `at` counts from the beginning and wraps around. */
export type ByteEdit =
  | { how: "set" | "insert"; at: number; bytes: readonly number[] }
  | { how: "flip"; at: number; bit: number }
  | { how: "delete" | "repeat"; at: number; count: number }
  | { how: "cut"; at: number };

/** Half of the changes fall into the first 2048 bytes, where formats have their headers. */
const at = fc.oneof(fc.nat(2047), fc.nat(2 ** 30));
const bytes = fc.oneof(
  fc.array(fc.nat(255), { minLength: 1, maxLength: 8 }),
  // Invalid sizes and offsets.
  fc.constantFrom(
    [255, 255, 255, 255],
    [255, 255, 255, 255, 255, 255, 255, 127],
    [0, 0, 0, 0],
    [0, 0, 0, 128],
  ),
);
const count = fc.integer({ min: 1, max: 64 });

/** Changes of a file's bytes. */
export const byteEdits: fc.Arbitrary<ByteEdit[]> = fc.array(
  fc.oneof(
    fc.record({ how: fc.constantFrom("set" as const, "insert" as const), at, bytes }),
    fc.record({ how: fc.constant("flip" as const), at, bit: fc.nat(7) }),
    fc.record({ how: fc.constantFrom("delete" as const, "repeat" as const), at, count }),
    fc.record({ how: fc.constant("cut" as const), at }),
  ),
  { minLength: 1, maxLength: 4 },
);

/** Returns a changed copy. */
export function editBytes(file: Uint8Array, edits: readonly ByteEdit[]): Buffer {
  return edits.reduce(edited, Buffer.from(file));
}

function edited(file: Buffer, edit: ByteEdit): Buffer {
  if (file.length === 0) return file;
  const at = edit.at % file.length;
  const [before, after] = [file.subarray(0, at), file.subarray(at)];
  switch (edit.how) {
    case "set":
      return Buffer.concat([before, Buffer.from(edit.bytes), after.subarray(edit.bytes.length)]);
    case "insert":
      return Buffer.concat([before, Buffer.from(edit.bytes), after]);
    case "flip":
      return Buffer.concat([before, Buffer.from([after[0]! ^ (1 << edit.bit)]), after.subarray(1)]);
    case "delete":
      return Buffer.concat([before, after.subarray(edit.count)]);
    case "repeat":
      return Buffer.concat([before, after.subarray(0, edit.count), after]);
    case "cut":
      return before;
  }
}
