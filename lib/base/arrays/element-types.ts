import { decodeMovie } from "../dsp/movie";

/**
 * The arrays of values that are read: 8-bit numbers, other integers of up to 32 bits, float32, and float64 for all
 * others.
 */
export type NumberArray = Uint8Array | Int32Array | Float32Array | Float64Array;

/** The type of a tensor's or array's elements. */
export interface ElementType {
  readonly bytes: number;
  /** Whether the values are integers or booleans. */
  readonly whole: boolean;
  /** Converts little-endian bytes at the start of a buffer. Absent for numbers that are not real. */
  readonly decode?: (bytes: Uint8Array) => NumberArray;
}

type View = { new (buffer: ArrayBufferLike, offset: number, length: number): ArrayLike<number> };

const float = (bytes: number, decode: ElementType["decode"]) => ({ bytes, whole: false, decode: decode! });
const integer = (bytes: number, decode: ElementType["decode"]) => ({ bytes, whole: true, decode: decode! });
const viewed =
  <A extends ArrayLike<number>>(View: { new (b: ArrayBufferLike, o: number, n: number): A }, size: number) =>
  ({ buffer, byteOffset, byteLength }: Uint8Array) =>
    new View(buffer, byteOffset, byteLength / size);
const int32 = (View: View, size: number) => (bytes: Uint8Array) => new Int32Array(viewed(View, size)(bytes));
/** 64-bit integers are read as doubles, which are exact up to 2^53. Halves of 32 bits are much faster than BigInt. */
const doubles = (View: View) => (bytes: Uint8Array) => {
  const [low, high] = [viewed(Uint32Array, 4)(bytes), viewed(View, 4)(bytes)];
  const values = new Float64Array(low.length / 2);
  for (let i = 0; i < values.length; i++) values[i] = high[2 * i + 1]! * 2 ** 32 + low[2 * i]!;
  return values;
};
const half = (dtype: "float16" | "bfloat16") => (bytes: Uint8Array) =>
  decodeMovie(dtype, viewed(Uint16Array, 2)(bytes));

/** The types of elements by their names in numpy and PyTorch. */
export const ELEMENT_TYPES: Readonly<Record<string, ElementType>> = {
  float64: float(8, viewed(Float64Array, 8)),
  float32: float(4, viewed(Float32Array, 4)),
  float16: float(2, half("float16")),
  bfloat16: float(2, half("bfloat16")),
  int64: integer(8, doubles(Int32Array)),
  uint64: integer(8, doubles(Uint32Array)),
  int32: integer(4, viewed(Int32Array, 4)),
  uint32: integer(4, (bytes) => new Float64Array(viewed(Uint32Array, 4)(bytes))),
  int16: integer(2, int32(Int16Array, 2)),
  uint16: integer(2, int32(Uint16Array, 2)),
  int8: integer(1, int32(Int8Array, 1)),
  uint8: integer(1, (bytes) => bytes),
  bool: integer(1, (bytes) => bytes.map((value) => Number(value !== 0))),
  complex64: { bytes: 8, whole: false },
  complex128: { bytes: 16, whole: false },
};

/** numpy's names of types, without the byte order. */
export const NUMPY_TYPES: Readonly<Record<string, string>> = {
  f8: "float64",
  f4: "float32",
  f2: "float16",
  i8: "int64",
  u8: "uint64",
  i4: "int32",
  u4: "uint32",
  i2: "int16",
  u2: "uint16",
  i1: "int8",
  u1: "uint8",
  b1: "bool",
};
