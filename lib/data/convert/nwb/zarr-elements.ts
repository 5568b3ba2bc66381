import type { registry } from "zarrita";
import { rowMajor } from "../../../base/arrays/shape";
import { NumpyValues } from "../../../base/torch/numpy-values";
import { PickleError } from "../../../base/torch/pickle-machine";
import { unpickle } from "../../../base/torch/unpickle";
import { relativePath } from "./source";

/** A member of a compound element, such as the x of a pixel in a mask. */
interface Member {
  readonly offset: number;
  readonly read: (view: DataView, at: number) => number;
}

/** The numbers that a compound may have, by numpy's names. */
const READERS: Readonly<Record<string, readonly [bytes: number, read: Member["read"]]>> = {
  u1: [1, (view, at) => view.getUint8(at)],
  i1: [1, (view, at) => view.getInt8(at)],
  u2: [2, (view, at) => view.getUint16(at, true)],
  i2: [2, (view, at) => view.getInt16(at, true)],
  u4: [4, (view, at) => view.getUint32(at, true)],
  i4: [4, (view, at) => view.getInt32(at, true)],
  u8: [8, (view, at) => Number(view.getBigUint64(at, true))],
  i8: [8, (view, at) => Number(view.getBigInt64(at, true))],
  f4: [4, (view, at) => view.getFloat32(at, true)],
  f8: [8, (view, at) => view.getFloat64(at, true)],
};

/** A type of elements with several numbers. */
export interface Compound {
  readonly bytes: number;
  readonly members: readonly Member[];
}

/** Returns a compound of numbers from its description in Zarr's format 2, `[[name, type], ...]`; undefined for any other type. */
export function compoundOf(dtype: unknown): Compound | undefined {
  if (!Array.isArray(dtype)) return undefined;
  const members: Member[] = [];
  let offset = 0;
  for (const [, type] of dtype as [string, unknown][]) {
    const [bytes, read] = READERS[/^[<|](\w+)$/.exec(String(type))?.[1] ?? ""] ?? [];
    if (!bytes || !read) return undefined;
    members.push({ offset, read });
    offset += bytes;
  }
  return { bytes: offset, members };
}

/** Returns the description of an array of compounds as an array of bytes with one more axis. */
export function asBytes(
  metadata: Readonly<Record<string, unknown>>,
  { bytes }: Compound,
): Readonly<Record<string, unknown>> {
  const { shape, chunks } = metadata as { shape: number[]; chunks: number[] };
  return {
    ...metadata,
    dtype: "|u1",
    fill_value: 0,
    shape: [...shape, bytes],
    chunks: [...chunks, bytes],
    dimension_separator: metadata.dimension_separator ?? ".",
  };
}

/** Returns the members of compounds, `[elements, members]`. */
export function membersIn(bytes: Uint8Array, { bytes: size, members }: Compound): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = bytes.length / size;
  return Float64Array.from({ length: count * members.length }, (_, i) => {
    const { offset, read } = members[i % members.length]!;
    return read(view, Math.floor(i / members.length) * size + offset);
  });
}

/** Whether an array has the references that hdmf-zarr writes as pickles. */
export const isPickled = ({ filters }: Readonly<Record<string, unknown>>): boolean =>
  Array.isArray(filters) && (filters as { id?: unknown }[]).some(({ id }) => id === "pickle");

/** The codec of references: each chunk is a pickled array of dicts, whose `path` is the target. No code of the pickle is run. */
class PickledReferences {
  readonly kind = "array_to_bytes";

  constructor(private readonly shape: number[]) {}

  static fromConfig(_: unknown, { shape }: { shape: number[] }): PickledReferences {
    return new PickledReferences(shape);
  }

  encode(): never {
    throw new PickleError("cannot be written");
  }

  decode(bytes: Uint8Array): { data: string[]; shape: number[]; stride: number[] } {
    const value = unpickle(bytes, () => {
      throw new PickleError("has a tensor");
    });
    const items = value instanceof NumpyValues ? Array.from<unknown>(value.values) : [];
    const data = items.map((item) =>
      relativePath(String(item instanceof Map ? (item.get("path") ?? "") : "")),
    );
    return { data, shape: this.shape, stride: rowMajor(this.shape) };
  }
}

/** Adds the codec of references to Zarr's codecs. */
export function addReferences(codecs: typeof registry): void {
  codecs.set("numcodecs.pickle", async () => PickledReferences);
}
