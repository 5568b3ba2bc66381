import { ELEMENT_TYPES, type NumberArray } from "../../base/arrays/element-types";
import { product, rowMajor } from "../../base/arrays/shape";

/** Returns the values of a part of a Zarr array in row-major order. 64-bit integers become doubles, and booleans become 0 and 1. */
export function numbersOf(
  data: ArrayLike<unknown>,
  shape: readonly number[],
  stride: readonly number[],
): NumberArray {
  const wanted = rowMajor(shape);
  const isRowMajor = stride.every((step, axis) => shape[axis] === 1 || step === wanted[axis]);
  const decode = isRowMajor ? ELEMENT_TYPES[TYPES[data.constructor.name] ?? ""]?.decode : undefined;
  if (!decode) return Float64Array.from(itemsInOrder(data, shape, stride) as number[], Number);
  const { buffer, byteOffset, byteLength } = data as unknown as Uint8Array;
  return decode(new Uint8Array(buffer, byteOffset, byteLength));
}

/** The types of elements by the names of their arrays. */
const TYPES: Readonly<Record<string, string>> = {
  Int8Array: "int8",
  Int16Array: "int16",
  Int32Array: "int32",
  BigInt64Array: "int64",
  Uint8Array: "uint8",
  Uint16Array: "uint16",
  Uint32Array: "uint32",
  BigUint64Array: "uint64",
  Float16Array: "float16",
  Float32Array: "float32",
  Float64Array: "float64",
};

/** Returns all items in row-major order. */
export function itemsInOrder(
  data: ArrayLike<unknown>,
  shape: readonly number[],
  stride: readonly number[],
): unknown[] {
  const item = (i: number) => {
    let [rest, at] = [i, 0];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += (rest % shape[axis]!) * stride[axis]!;
      rest = Math.floor(rest / shape[axis]!);
    }
    // Zarr's own arrays of booleans and strings have a method in place of indices.
    return "get" in data ? (data as unknown as { get(i: number): unknown }).get(at) : data[at];
  };
  return Array.from({ length: product(shape) }, (_, i) => item(i));
}
