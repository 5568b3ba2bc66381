import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { crc32 } from "node:zlib";
import { pickle, TensorToWrite } from "../../../lib/base/torch/pickle";

/** A tensor without values: `pickle` describes it, and its values are a hole in the file. */
class Hole extends TensorToWrite {
  override readonly values: Uint8Array;

  constructor(override readonly shape: readonly number[]) {
    super(new Uint8Array(0), [0], "uint8");
    this.values = { length: shape.reduce((a, b) => a * b, 1) } as Uint8Array;
  }
}

/**
 * Writes `{"stim": tensor}` as a zip64 archive over 4 GiB, whose bytes are a hole in the file except for the first of one row.
 *
 * @returns a function that removes the file
 */
export function writeSparseTensor(
  path: string,
  shape: readonly [number, number],
  { row, values }: { row: number; values: Uint8Array },
): { close(): void } {
  const bytes = pickle({ stim: new Hole(shape) }, () => "0");
  const file = openSync(path, "w");
  let at = 0;
  const list: Buffer[] = [];
  const add = (name: string, size: number, crc: number, content: [at: number, bytes: Uint8Array]) => {
    const local = at;
    const large = size >= 2 ** 32 - 1;
    const extra = Buffer.alloc(large ? 20 : 0);
    if (large) fill(extra, [[0, 2, 1], [2, 2, 16], [4, 8, size], [12, 8, size]]); // biome-ignore format: one field
    const shown = large ? 2 ** 32 - 1 : size;
    const header = fill(Buffer.alloc(30), [[0, 4, 0x04034b50], [4, 2, 45], [14, 4, crc], [18, 4, shown], [22, 4, shown], [26, 2, name.length], [28, 2, extra.length]]); // biome-ignore format: one header
    const head = Buffer.concat([header, Buffer.from(name), extra]);
    writeSync(file, head, 0, head.length, at);
    at += head.length;
    writeSync(file, content[1], 0, content[1].length, at + content[0]);
    at += size;
    const field = fill(Buffer.alloc(28), [[0, 2, 1], [2, 2, 24], [4, 8, size], [12, 8, size], [20, 8, local]]); // biome-ignore format: one field
    const entry = fill(Buffer.alloc(46), [[0, 4, 0x02014b50], [4, 2, 45], [6, 2, 45], [16, 4, crc], [20, 4, 2 ** 32 - 1], [24, 4, 2 ** 32 - 1], [28, 2, name.length], [30, 2, field.length], [42, 4, 2 ** 32 - 1]]); // biome-ignore format: one header
    list.push(entry, Buffer.from(name), field);
  };
  add("large/data/0", shape[0] * shape[1], 0, [row * shape[1], values]);
  add("large/data.pkl", bytes.length, crc32(bytes), [0, bytes]);
  const entries = Buffer.concat(list);
  const end64 = fill(Buffer.alloc(56), [[0, 4, 0x06064b50], [4, 8, 44], [12, 2, 45], [14, 2, 45], [24, 8, 2], [32, 8, 2], [40, 8, entries.length], [48, 8, at]]); // biome-ignore format: one record
  const locator = fill(Buffer.alloc(20), [
    [0, 4, 0x07064b50],
    [8, 8, at + entries.length],
    [16, 4, 1],
  ]);
  const end = fill(Buffer.alloc(22), [[0, 4, 0x06054b50], [8, 2, 0xffff], [10, 2, 0xffff], [12, 4, 2 ** 32 - 1], [16, 4, 2 ** 32 - 1]]); // biome-ignore format: one record
  const tail = Buffer.concat([entries, end64, locator, end]);
  writeSync(file, tail, 0, tail.length, at);
  closeSync(file);
  return { close: () => rmSync(path) };
}

/** Writes numbers of 2, 4 or 8 bytes at their positions. */
function fill(
  buffer: Buffer,
  fields: readonly (readonly [at: number, bytes: number, value: number])[],
): Buffer {
  for (const [at, bytes, value] of fields)
    if (bytes === 8) buffer.writeBigUInt64LE(BigInt(value), at);
    else buffer.writeUIntLE(value, at, bytes);
  return buffer;
}
