import { ELEMENT_TYPES, NUMPY_TYPES, type NumberArray } from "../arrays/element-types";
import { product, rowMajor } from "../arrays/shape";

/** numpy's type of elements, as a pickle describes it. */
export class NumpyType {
  private order = "|";

  /** @param code such as `f8`, `i4`, `U5` or `O8` */
  constructor(readonly code: string) {}

  /** Takes the state of a pickled type: its version, its byte order, and others. */
  setState(state: unknown): void {
    const [, order] = list(state);
    if (order === ">")
      throw new RangeError(`holds big-endian numpy values (>${this.code}), which are not supported`);
    this.order = String(order);
  }

  /** Converts bytes to values. @throws RangeError when values of this type are not read */
  decode(bytes: Uint8Array): NumberArray | string[] {
    const text = /^([US])(\d+)$/.exec(this.code);
    if (text) return strings(bytes, text[1] === "U", Number(text[2]));
    const type = ELEMENT_TYPES[NUMPY_TYPES[this.code] ?? ""];
    if (!type?.decode)
      throw new RangeError(`holds numpy values of type ${this.order}${this.code}, which are not supported`);
    if (bytes.length % type.bytes !== 0) throw new RangeError("holds a numpy array that is cut off");
    return type.decode(bytes.slice());
  }
}

/** Texts of equal length: 4 bytes for each character, or 1. They end at the first zero. */
function strings(bytes: Uint8Array, wide: boolean, length: number): string[] {
  const size = length * (wide ? 4 : 1);
  if (size === 0) return [];
  const one = (at: number) => {
    const codes = wide
      ? Array.from(new Uint32Array(new Uint8Array(bytes.subarray(at, at + size)).buffer))
      : Array.from(bytes.subarray(at, at + size));
    const end = codes.indexOf(0);
    return String.fromCodePoint(...(end < 0 ? codes : codes.slice(0, end)));
  };
  return Array.from({ length: Math.floor(bytes.length / size) }, (_, i) => one(i * size));
}

/** A numpy array in row-major order. An array of objects has the list of its objects as values. */
export class NumpyValues {
  shape: readonly number[] = [0];
  values: NumberArray | readonly unknown[] = new Uint8Array(0);

  /** Takes the state of a pickled array: its version, shape, type, whether columns come first, and bytes or objects. */
  setState(state: unknown): void {
    const [, shape, type, columnsFirst, data] = list(state);
    this.fill(shape, type, columnsFirst === true, data);
  }

  /** @throws RangeError when the parts do not match */
  fill(shape: unknown, type: unknown, columnsFirst: boolean, data: unknown): this {
    const lengths = list(shape);
    if (!lengths.every((n) => Number.isSafeInteger(n) && (n as number) >= 0) || !(type instanceof NumpyType))
      throw new RangeError("holds a numpy array without a shape or type");
    this.shape = lengths as number[];
    const values = data instanceof Uint8Array ? type.decode(data) : list(data);
    const size = product(this.shape);
    if (values.length !== size)
      throw new RangeError(`holds a numpy array of shape [${this.shape}] with ${values.length} values`);
    this.values = columnsFirst ? rowsFirst(values, this.shape) : values;
    return this;
  }
}

/** Reorders values whose first index changes fastest. */
export function rowsFirst<A extends NumberArray | readonly unknown[]>(
  values: A,
  shape: readonly number[],
): A {
  const out = values.slice() as unknown[];
  const index = shape.map(() => 0);
  const steps = rowMajor(shape);
  for (let i = 0; i < values.length; i++) {
    out[index.reduce((sum, k, axis) => sum + k * steps[axis]!, 0)] = values[i];
    for (let axis = 0; axis < shape.length; axis++) {
      if (++index[axis]! < shape[axis]!) break;
      index[axis] = 0;
    }
  }
  return out as unknown as A;
}

function list(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new RangeError("holds a numpy value in a form that numpy does not write");
}
