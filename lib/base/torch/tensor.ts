import { ELEMENT_TYPES, type NumberArray } from "../arrays/element-types";
import { product, rowMajor } from "../arrays/shape";
import { ConfigError } from "../config";

/** The elements of one or several tensors, in a file. */
export interface Storage {
  readonly file: string;
  /** The type that the elements had when they were stored. */
  readonly dtype: string;
  readonly elements: number;
  /** Returns the bytes from `from` to `to`, at the start of a buffer of their own. */
  read(from: number, to: number): Uint8Array;
}

/** The number of bytes that are read at once for a tensor whose elements are not consecutive. */
const PIECE = 1 << 24;
/** The largest number of elements of a tensor that repeats elements of its storage. */
const MOST_REPEATED = 1 << 27;

interface Layout {
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** A tensor of a file of `torch.save`: a view of a storage. Its values are read on demand, all or some rows. */
export class TorchTensor {
  constructor(
    private readonly storage: Storage,
    /** PyTorch's name of the elements' type, such as `float32`. */
    readonly dtype: string,
    readonly shape: readonly number[],
    /** The distances between neighbours along each axis, in elements. */
    readonly strides: readonly number[],
    /** The first element in the storage. */
    readonly offset: number,
  ) {
    const layout = [...shape, ...strides, offset];
    if (shape.length !== strides.length || !layout.every((n) => Number.isSafeInteger(n) && n >= 0))
      throw new RangeError(`has shape [${shape}], strides [${strides}] and offset ${offset}`);
    const needed = this.size === 0 ? 0 : spanOf(this);
    const there = Math.floor((storage.elements * bytesOf(storage.dtype)) / bytesOf(dtype));
    if (needed > 0 && offset + needed > there)
      throw new RangeError(`needs ${offset + needed} elements, but its storage has ${there}`);
    if (this.size > there && this.size > MOST_REPEATED)
      throw new RangeError(`repeats ${there} elements as [${shape}]`);
  }

  /** The number of elements. */
  get size(): number {
    return product(this.shape);
  }

  /** Whether the elements are integers or booleans. */
  get whole(): boolean {
    return ELEMENT_TYPES[this.dtype]!.whole;
  }

  /**
   * Reads rows in row-major order: indices of the first axis.
   *
   * @param from the first row. Default 0.
   * @param to the row after the last. Default: the number of rows.
   * @throws ConfigError when the elements are no real numbers, or the file has become shorter
   */
  read(from = 0, to = this.shape[0] ?? 1): NumberArray {
    const { decode } = ELEMENT_TYPES[this.dtype]!;
    if (!decode) {
      const message = `holds a tensor of ${this.dtype}, which is not supported; save it as real numbers`;
      throw new ConfigError(this.storage.file, [{ path: "", message }]);
    }
    const scalar = this.shape.length === 0;
    const [rowStride = 1, ...strides] = this.strides;
    const shape = [scalar ? 1 : to - from, ...this.shape.slice(1)];
    const layout = { offset: this.offset + from * rowStride, shape, strides: [rowStride, ...strides] };
    const elements = (first: number, count: number) => this.elements(first, count, decode);
    const size = product(shape);
    if (size === 0) return decode(new Uint8Array(0));
    if (isConsecutive(layout)) return elements(layout.offset, size);
    const out = new (decode(new Uint8Array(0)).constructor as { new (n: number): NumberArray })(size);
    gather(layout, rowMajor(shape), 0, out, Math.max(1, PIECE / bytesOf(this.dtype)), elements);
    return out;
  }

  private elements(first: number, count: number, decode: (bytes: Uint8Array) => NumberArray): NumberArray {
    const bytes = bytesOf(this.dtype);
    return decode(this.storage.read(first * bytes, (first + count) * bytes));
  }
}

const bytesOf = (dtype: string) => ELEMENT_TYPES[dtype]!.bytes;

/** The number of elements from the first one of a view to its last one. */
const spanOf = ({ shape, strides }: Pick<Layout, "shape" | "strides">) =>
  shape.reduce((span, length, axis) => span + (length - 1) * strides[axis]!, 1);

function isConsecutive({ shape, strides }: Layout): boolean {
  const wanted = rowMajor(shape);
  return shape.every((length, axis) => length === 1 || strides[axis] === wanted[axis]);
}

/**
 * Copies a view into row-major order. A view that reaches over more than `most` elements is halved along its longest axis in the
 * storage, so that the memory does not grow with the storage.
 */
function gather(
  { offset, shape, strides }: Layout,
  targets: readonly number[],
  target: number,
  out: NumberArray,
  most: number,
  elements: (first: number, count: number) => NumberArray,
): void {
  const span = spanOf({ shape, strides });
  const reaches = shape.map((length, axis) => (length - 1) * strides[axis]!);
  const axis = reaches.indexOf(Math.max(...reaches));
  if (span > most && shape[axis]! > 1) {
    const half = shape[axis]! >> 1;
    const part = (length: number) => shape.map((old, a) => (a === axis ? length : old));
    const rest = { offset: offset + half * strides[axis]!, shape: part(shape[axis]! - half), strides };
    gather({ offset, shape: part(half), strides }, targets, target, out, most, elements);
    gather(rest, targets, target + half * targets[axis]!, out, most, elements);
    return;
  }
  const values = elements(offset, span);
  const copy = (axis: number, from: number, to: number) => {
    if (axis === shape.length) out[to] = values[from]!;
    else
      for (let i = 0; i < shape[axis]!; i++)
        copy(axis + 1, from + i * strides[axis]!, to + i * targets[axis]!);
  };
  copy(0, 0, target);
}
