import { ConfigError } from "../../base/config";

/** A numpy array in row-major order. */
export interface NumpyArray {
  shape: number[];
  values: Uint8Array | Int32Array | Float32Array | Float64Array;
}

type Reader = [bytes: number, read: (view: DataView, at: number) => number, array: "Uint8Array" | "Int32Array" | "Float32Array" | "Float64Array"]; // biome-ignore format: one type

/** The readers by numpy's type name without the byte order. They read little-endian numbers, and 64-bit integers as doubles. */
const TYPES: Readonly<Record<string, Reader>> = {
  b1: [1, (v, at) => v.getUint8(at), "Uint8Array"],
  u1: [1, (v, at) => v.getUint8(at), "Uint8Array"],
  i1: [1, (v, at) => v.getInt8(at), "Int32Array"],
  u2: [2, (v, at) => v.getUint16(at, true), "Int32Array"],
  i2: [2, (v, at) => v.getInt16(at, true), "Int32Array"],
  u4: [4, (v, at) => v.getUint32(at, true), "Float64Array"],
  i4: [4, (v, at) => v.getInt32(at, true), "Int32Array"],
  u8: [8, (v, at) => Number(v.getBigUint64(at, true)), "Float64Array"],
  i8: [8, (v, at) => Number(v.getBigInt64(at, true)), "Float64Array"],
  f4: [4, (v, at) => v.getFloat32(at, true), "Float32Array"],
  f8: [8, (v, at) => v.getFloat64(at, true), "Float64Array"],
};
const ARRAYS = { Uint8Array, Int32Array, Float32Array, Float64Array };

/**
 * Reads a `.npy` file (numpy's format 1 to 3, https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html).
 *
 * @param where the file, for errors @param name of the array
 * @throws ConfigError for a file of another format, a truncated file, or a type that is not numeric
 */
export function parseNpy(bytes: Uint8Array, where: string, name: string): NumpyArray {
  const fail = (message: string) => new ConfigError(where, [{ path: name, message }]);
  const text = (from: number, to: number) => Buffer.from(bytes.subarray(from, to)).toString("latin1");
  if (bytes.length < 12 || text(0, 6) !== "\x93NUMPY")
    throw fail("is not a .npy array; write it with numpy.save");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = bytes[6] === 1 ? 10 : 12;
  const data = start + (bytes[6] === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  const header = text(start, data);
  const descr = /'descr': '([<>|=])(\w+)'/.exec(header);
  const dims = /'shape': \(([^)]*)\)/.exec(header);
  const type = descr && TYPES[descr[2]!];
  if (!descr || !dims || !type || descr[1] === ">") {
    const found = /'descr': ([^,]*),/.exec(header)?.[1] ?? "nothing";
    throw fail(
      `holds ${found}; little-endian numbers of 8 to 64 bits can be read: ${Object.keys(TYPES).join(", ")}`,
    );
  }
  const shape = dims[1]!
    .split(",")
    .map((n) => n.trim())
    .filter(Boolean)
    .map(Number);
  const count = shape.reduce((a, b) => a * b, 1);
  if (!shape.every((length) => Number.isSafeInteger(length) && length >= 0) || !Number.isSafeInteger(count))
    throw fail(`has the shape (${dims[1]}), which is not a valid shape; write it with numpy.save`);
  const [size, read, array] = type;
  if (bytes.length < data + count * size) throw fail("is cut off; copy it again");
  const values = new ARRAYS[array](count);
  const place = /'fortran_order': True/.test(header) ? fortranPlace(shape) : (i: number) => i;
  for (let i = 0; i < count; i++) values[place(i)] = read(view, data + i * size);
  return { shape, values };
}

/** Returns a function that maps the index of a value in column-major order to its index in row-major order. */
function fortranPlace(shape: readonly number[]): (i: number) => number {
  return (i) => {
    let [rest, at] = [i, 0];
    const index = shape.map((length) => {
      const k = rest % length;
      rest = Math.floor(rest / length);
      return k;
    });
    for (const [axis, k] of index.entries()) at = at * shape[axis]! + k;
    return at;
  };
}
