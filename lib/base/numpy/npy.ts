import { ELEMENT_TYPES, type ElementType, NUMPY_TYPES, type NumberArray } from "../arrays/element-types";
import { product, rowMajor } from "../arrays/shape";
import { ConfigError } from "../config/errors";
import { openForSlices, readWhole } from "../files/slices";
import { NumpyType, rowsFirst } from "../torch/numpy-values";

/** A numpy array of numbers in row-major order. Booleans and 8-bit numbers are bytes, halves are float32, 64-bit integers are float64. */
export interface NumpyArray {
  readonly shape: number[];
  readonly values: NumberArray;
  /** Whether the file has integers or booleans. */
  readonly whole: boolean;
}

/** The description of the array in a `.npy` file. */
interface Header {
  readonly shape: number[];
  /** numpy's code of the type without the byte order, such as `f4`. */
  readonly code: string;
  readonly isBigEndian: boolean;
  /** Whether the first index changes fastest. */
  readonly columnsFirst: boolean;
  /** The position of the first value in the file. */
  readonly offset: number;
}

/** The number of bytes that are read for a header. Longer headers are possible, but those of plain arrays are short. */
const HEADER = 1024;

/** The largest file that is read as a whole, in bytes. */
const LARGEST = 2 ** 31 - 1;

/**
 * Reads the bytes of a `.npy` file (numpy's format 1 to 3, https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html).
 *
 * @param where the file, for errors @param name of the array
 * @throws ConfigError for a file of another format, a truncated file, or a type that is not numeric
 */
export function parseNpy(bytes: Uint8Array, where: string, name = ""): NumpyArray {
  const header = parseHeader(bytes, where, name);
  const type = numberType(header, where, name);
  const { shape, columnsFirst, offset } = header;
  const end = endOf(header, type.bytes, bytes.length, where, name);
  // A copy begins at a multiple of the size of any number.
  const values = decoded(header, type, new Uint8Array(bytes.subarray(offset, end)));
  return { shape, values: columnsFirst ? rowsFirst(values, shape) : values, whole: type.whole };
}

/** Reads the bytes of a `.npy` file of text. @throws ConfigError when it holds something else, or is damaged */
export function parseNpyText(bytes: Uint8Array, where: string): string[] {
  const header = parseHeader(bytes, where, "");
  const { code, offset, isBigEndian } = header;
  const text = /^([US])(\d+)$/.exec(code);
  if (!text || isBigEndian)
    throw problem(
      where,
      "",
      `holds values of type ${code}, but must be text; write it by numpy.save(file, array.astype(str))`,
    );
  const end = endOf(header, Number(text[2]) * (text[1] === "U" ? 4 : 1), bytes.length, where, "");
  try {
    return new NumpyType(code).decode(bytes.subarray(offset, end)) as string[];
  } catch (cause) {
    throw new ConfigError(
      where,
      [{ path: "", message: "is damaged: it has characters that do not exist; copy it again" }],
      { cause },
    );
  }
}

/** A `.npy` file of numbers whose header is read. */
export interface NpyFile {
  readonly shape: readonly number[];
  /** The distance of neighbouring values in the file along each axis. */
  readonly strides: readonly number[];
  /** Whether the file has integers or booleans. */
  readonly whole: boolean;
  /** Returns some values in the order of the file. */
  read(from: number, to: number): NumberArray;
}

/**
 * Calls `use` with an open `.npy` file, and closes it afterwards.
 *
 * @throws ConfigError as `parseNpy`, and when the file is missing
 */
export function withNpy<Result>(path: string, use: (file: NpyFile) => Result): Result {
  return openForSlices(path, ({ size, read }) => {
    const header = parseHeader(read(0, Math.min(size, HEADER)), path, "");
    const type = numberType(header, path, "");
    const { shape, offset, columnsFirst } = header;
    endOf(header, type.bytes, size, path, "");
    return use({
      shape,
      strides: columnsFirst ? rowMajor([...shape].reverse()).reverse() : rowMajor(shape),
      whole: type.whole,
      read: (from, to) => decoded(header, type, read(offset + from * type.bytes, offset + to * type.bytes)),
    });
  });
}

/** Reads a `.npy` file of numbers. @throws ConfigError as `parseNpy`, and when the file is missing */
export function readNpy(path: string): NumpyArray {
  return parseNpy(readWhole(path, LARGEST, "split it into several files"), path);
}

/** Reads a `.npy` file of text. @throws ConfigError as `parseNpyText`, and when the file is missing */
export function readNpyText(path: string): string[] {
  return parseNpyText(readWhole(path, LARGEST, "split it into several files"), path);
}

function parseHeader(bytes: Uint8Array, where: string, name: string): Header {
  const fail = (message: string) => problem(where, name, message);
  const text = (from: number, to: number) => Buffer.from(bytes.subarray(from, to)).toString("latin1");
  if (bytes.length < 12 || text(0, 6) !== "\x93NUMPY")
    throw fail("is not a .npy array; write it with numpy.save");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = bytes[6] === 1 ? 10 : 12;
  const offset = start + (bytes[6] === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  const header = text(start, offset);
  const descr = /'descr': '([<>|=])(\w+)'/.exec(header);
  const dims = /'shape': \(([^)]*)\)/.exec(header);
  if (!descr || !dims || descr[2] === "O")
    throw fail(notNumbers(/'descr': ([^,]*),/.exec(header)?.[1] ?? "nothing"));
  const shape = dims[1]!
    .split(",")
    .map((n) => n.trim())
    .filter(Boolean)
    .map(Number);
  const count = product(shape);
  if (!shape.every((length) => Number.isSafeInteger(length) && length >= 0) || !Number.isSafeInteger(count))
    throw fail(`has the shape (${dims[1]}), which is not a valid shape; write it with numpy.save`);
  const columnsFirst = /'fortran_order': True/.test(header) && shape.length > 1;
  return { shape, code: descr[2]!, isBigEndian: descr[1] === ">", columnsFirst, offset };
}

function numberType(
  { code, isBigEndian }: Header,
  where: string,
  name: string,
): ElementType & Required<Pick<ElementType, "decode">> {
  const type = ELEMENT_TYPES[NUMPY_TYPES[code] ?? ""];
  if (type?.decode) return { ...type, decode: type.decode };
  throw problem(where, name, notNumbers(`'${isBigEndian ? ">" : "<"}${code}'`));
}

const notNumbers = (found: string) =>
  `holds ${found}; real numbers can be read: ${Object.keys(NUMPY_TYPES).join(", ")}`;

/** Returns the end of the values in a file. @param bytes the size of one value @throws ConfigError when the file is shorter */
function endOf({ shape, offset }: Header, bytes: number, size: number, where: string, name: string): number {
  const end = offset + product(shape) * bytes;
  if (size >= end) return end;
  throw problem(where, name, "is cut off; copy it again");
}

/** @param bytes a buffer of its own, which may be changed */
function decoded(
  { isBigEndian }: Header,
  { bytes: size, decode }: ReturnType<typeof numberType>,
  bytes: Uint8Array,
) {
  if (isBigEndian && size > 1) {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (size === 2) buffer.swap16();
    else if (size === 4) buffer.swap32();
    else buffer.swap64();
  }
  return decode(bytes);
}

const problem = (where: string, path: string, message: string) => new ConfigError(where, [{ path, message }]);
