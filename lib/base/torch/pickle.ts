import { ELEMENT_TYPES } from "../arrays/element-types";
import { product, rowMajor } from "../arrays/shape";
import { STORAGE_TYPES } from "./storage-types";

/** A tensor to write. */
export class TensorToWrite {
  /** @param dtype PyTorch's name of the elements' type */
  constructor(
    readonly values: Uint8Array | Int32Array | BigInt64Array | Float32Array | Float64Array,
    readonly shape: readonly number[],
    readonly dtype: "uint8" | "int32" | "int64" | "float32" | "float64" = "float32",
  ) {
    const size = product(shape);
    if (values.length !== size || values.byteLength !== size * ELEMENT_TYPES[dtype]!.bytes)
      throw new RangeError(`${values.length} values do not fill a ${dtype} tensor of shape [${shape}]`);
  }
}

/** A Python tuple, in contrast to an array, which becomes a list. */
export class Tuple {
  constructor(readonly items: readonly unknown[]) {}
}

/** A Python float, in contrast to a number without a fraction, which becomes an int. */
export class Float {
  constructor(readonly value: number) {}
}

/** Python's OrderedDict, in contrast to a map, which becomes a dict. */
export class OrderedDict extends Map<unknown, unknown> {}

/** Names of operations of protocol 2 (https://docs.python.org/3/library/pickletools.html). */
const OP = {
  PROTO: 0x80, STOP: 0x2e, NONE: 0x4e, TRUE: 0x88, FALSE: 0x89, INT32: 0x4a, INT8: 0x4b, INT16: 0x4d, LONG1: 0x8a,
  FLOAT: 0x47, TEXT: 0x58, DICT: 0x7d, LIST: 0x5d, MARK: 0x28, TUPLE: 0x74, APPENDS: 0x65, SET_ITEMS: 0x75, GLOBAL: 0x63, REDUCE: 0x52,
  STORAGE: 0x51,
}; // biome-ignore format: one table

/**
 * Writes a value as a pickle of protocol 2: null, booleans, numbers, text, arrays, maps, plain objects, and the classes of this file.
 *
 * @param keep takes a tensor's values, and returns the key under which they are stored
 * @throws TypeError for any other value
 */
export function pickle(value: unknown, keep: (tensor: TensorToWrite) => string): Uint8Array {
  const writer = new Writer(keep);
  writer.put(OP.PROTO, 2);
  writer.value(value);
  writer.put(OP.STOP);
  return writer.bytes();
}

class Writer {
  private readonly parts: Uint8Array[] = [];

  constructor(private readonly keep: (tensor: TensorToWrite) => string) {}

  put(...bytes: readonly number[]): void {
    this.parts.push(Uint8Array.from(bytes));
  }

  bytes(): Uint8Array {
    return Buffer.concat(this.parts);
  }

  value(value: unknown): void {
    if (value === null || value === undefined) this.put(OP.NONE);
    else if (typeof value === "boolean") this.put(value ? OP.TRUE : OP.FALSE);
    else if (typeof value === "number") this.number(value);
    else if (typeof value === "string") this.text(value);
    else if (value instanceof Float) this.float(value.value);
    else if (value instanceof TensorToWrite) this.tensor(value);
    else if (value instanceof Tuple) this.tuple(value.items);
    else if (Array.isArray(value)) this.filled(OP.LIST, value, OP.APPENDS);
    else if (value instanceof OrderedDict) {
      this.call("collections", "OrderedDict", () => {});
      this.filled(undefined, [...value].flat(), OP.SET_ITEMS);
    } else if (value instanceof Map) this.filled(OP.DICT, [...value].flat(), OP.SET_ITEMS);
    else if (Object.getPrototypeOf(value) === Object.prototype)
      this.filled(OP.DICT, Object.entries(value).flat(), OP.SET_ITEMS);
    else throw new TypeError(`${String(value)} cannot be written as a pickle`);
  }

  private filled(empty: number | undefined, items: readonly unknown[], fill: number): void {
    if (empty !== undefined) this.put(empty);
    this.put(OP.MARK);
    for (const item of items) this.value(item);
    this.put(fill);
  }

  private tuple(items: readonly unknown[]): void {
    this.filled(undefined, items, OP.TUPLE);
  }

  private number(value: number): void {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) this.float(value);
    else if (value >= 0 && value < 256) this.put(OP.INT8, value);
    else if (Math.abs(value) < 2 ** 31) this.data(OP.INT32, 4, (view) => view.setInt32(0, value, true));
    else {
      this.put(OP.LONG1, 8);
      this.data(undefined, 8, (view) => view.setBigInt64(0, BigInt(value), true));
    }
  }

  private float(value: number): void {
    this.data(OP.FLOAT, 8, (view) => view.setFloat64(0, value));
  }

  private text(value: string): void {
    const bytes = Buffer.from(value);
    this.data(OP.TEXT, 4, (view) => view.setUint32(0, bytes.length, true));
    this.parts.push(bytes);
  }

  private data(code: number | undefined, size: number, fill: (view: DataView) => void): void {
    if (code !== undefined) this.put(code);
    const bytes = new Uint8Array(size);
    fill(new DataView(bytes.buffer));
    this.parts.push(bytes);
  }

  private name(module: string, own: string): void {
    this.put(OP.GLOBAL);
    this.parts.push(Buffer.from(`${module}\n${own}\n`));
  }

  private call(module: string, own: string, args: () => void): void {
    this.name(module, own);
    this.put(OP.MARK);
    args();
    this.put(OP.TUPLE, OP.REDUCE);
  }

  private tensor(tensor: TensorToWrite): void {
    const { values, shape, dtype } = tensor;
    const type = Object.keys(STORAGE_TYPES).find((name) => STORAGE_TYPES[name] === dtype)!;
    this.call("torch._utils", "_rebuild_tensor_v2", () => {
      this.put(OP.MARK);
      this.text("storage");
      this.name("torch", type);
      this.text(this.keep(tensor));
      this.text("cpu");
      this.number(values.length);
      this.put(OP.TUPLE, OP.STORAGE);
      this.number(0);
      this.tuple(shape);
      this.tuple(rowMajor(shape));
      this.value(false);
      this.call("collections", "OrderedDict", () => {});
    });
  }
}
