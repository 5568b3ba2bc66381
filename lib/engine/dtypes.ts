/** TensorFlow's numbers for its types (`TF_DataType` in `tensorflow/c/tf_datatype.h`). */
export const TF = {
  FLOAT: 1,
  INT32: 3,
  UINT8: 4,
  STRING: 7,
  COMPLEX64: 8,
  INT64: 9,
  BOOL: 10,
  BFLOAT16: 14,
  UINT16: 17,
  HALF: 19,
  RESOURCE: 20,
  VARIANT: 21,
} as const;

/** The values of a numeric tensor in JavaScript. */
export type Numbers = Float32Array | Int32Array | Uint8Array | BigInt64Array;

interface Layout {
  /** The typed array for reading, and usually for writing, the values. */
  array: new (
    length: number,
  ) => Numbers;
  /** The number of bytes of one element of a tensor. */
  bytes: number;
}

/** The memory layout of each type in TensorFlow and in JavaScript. A complex number is two floats, real part first. */
const LAYOUTS: Record<number, Layout> = {
  [TF.FLOAT]: { array: Float32Array, bytes: 4 },
  [TF.INT32]: { array: Int32Array, bytes: 4 },
  [TF.UINT8]: { array: Uint8Array, bytes: 1 },
  [TF.BOOL]: { array: Uint8Array, bytes: 1 },
  [TF.COMPLEX64]: { array: Float32Array, bytes: 8 },
  [TF.INT64]: { array: BigInt64Array, bytes: 8 },
  // Opaque: only the op that takes it can use it.
  [TF.RESOURCE]: { array: Uint8Array, bytes: 1 },
  [TF.VARIANT]: { array: Uint8Array, bytes: 1 },
};

/** Returns TensorFlow's name of a type, for messages. */
function typeName(dtype: number): string {
  const name = Object.entries(TF)
    .find(([, number]) => number === dtype)?.[0]
    .toLowerCase();
  return name === "float" ? "float32" : (name ?? `number ${dtype}`);
}

/** Returns a typed array for `bytes` bytes of values of a type. @throws Error for a type that JavaScript cannot represent */
export function typedArray(dtype: number, bytes: number): Numbers {
  const { array: ArrayType } = layout(dtype);
  return new ArrayType(bytes / (ArrayType as unknown as { BYTES_PER_ELEMENT: number }).BYTES_PER_ELEMENT);
}

/**
 * Converts values to a typed array of the type, for the upload.
 *
 * @param values such an array, or plain numbers; for int64 also an Int32Array with two numbers per value, the low word first, as
 * tfjs-node writes them
 * @param elements the number of elements of the tensor's shape. Default: that of the values
 * @throws Error when the values have another type, another count, or do not fit into the type
 */
export function toTypedArray(dtype: number, values: ArrayLike<unknown>, elements = values.length): Numbers {
  const { array: ArrayType, bytes } = layout(dtype);
  const data = ArrayBuffer.isView(values) ? (values as unknown as Numbers) : fromNumbers(dtype, values);
  if (!(data instanceof ArrayType || (dtype === TF.INT64 && data instanceof Int32Array))) {
    throw new Error(
      `A tensor of type ${typeName(dtype)} takes a ${ArrayType.name}, but was given a ${data.constructor.name}.`,
    );
  }
  if (data.byteLength !== elements * bytes) {
    throw new Error(
      `A tensor of type ${typeName(dtype)} with ${elements} elements has ${elements * bytes} bytes, ` +
        `but was given ${data.byteLength}.`,
    );
  }
  return data;
}

function layout(dtype: number): Layout {
  const known = LAYOUTS[dtype];
  if (known) return known;
  throw new Error(
    `Tensors of TensorFlow's type ${typeName(dtype)} have no values in JavaScript; cast to float32 or int32 first.`,
  );
}

function fromNumbers(dtype: number, values: ArrayLike<unknown>): Numbers {
  switch (dtype) {
    case TF.BOOL:
      return Uint8Array.from(values, (value) => (value ? 1 : 0));
    case TF.UINT8:
      return Uint8Array.from(values as ArrayLike<number>, byte);
    case TF.INT32:
      return Int32Array.from(values as ArrayLike<number>);
    case TF.INT64:
      return BigInt64Array.from(values as ArrayLike<number>, BigInt);
    default:
      return Float32Array.from(values as ArrayLike<number>);
  }
}

/** Checks that a value fits into a uint8. A typed array would silently wrap 256 to 0. */
function byte(value: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= 255) return value;
  throw new RangeError(`${value} does not fit into a uint8 tensor: whole numbers from 0 to 255 do.`);
}

const BYTES: Record<number, number> = {
  [TF.UINT8]: 1,
  [TF.BOOL]: 1,
  [TF.BFLOAT16]: 2,
  [TF.UINT16]: 2,
  [TF.HALF]: 2,
  [TF.COMPLEX64]: 8,
  [TF.INT64]: 8,
  [TF.STRING]: 24,
};

/** Returns the number of bytes of one value of a type. */
export const typeBytes = (dtype: number): number => BYTES[dtype] ?? 4;
