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
  RESOURCE: 20,
} as const;

type Values = Float32Array | Int32Array | Uint8Array;

/** How the values of a type look in JavaScript. */
const ARRAYS: Record<number, new (length: number) => Values> = {
  [TF.FLOAT]: Float32Array,
  [TF.INT32]: Int32Array,
  [TF.UINT8]: Uint8Array,
  [TF.BOOL]: Uint8Array,
};

/** A typed array for `bytes` bytes of values of a type. @throws Error for a type without one */
export function typedArray(dtype: number, bytes: number): Values {
  const ArrayType = ARRAYS[dtype];
  if (!ArrayType) {
    const name = Object.entries(TF).find(([, n]) => n === dtype)?.[0] ?? `number ${dtype}`;
    throw new Error(`Tensors of TensorFlow's type ${name} cannot be read; cast to float32 or int32 first.`);
  }
  return new ArrayType(bytes / (ArrayType as unknown as { BYTES_PER_ELEMENT: number }).BYTES_PER_ELEMENT);
}

/** The values to upload as a typed array of the type: tfjs hands over plain arrays too. @throws Error for strings */
export function toTypedArray(dtype: number, values: ArrayLike<unknown>): Values {
  if (ArrayBuffer.isView(values)) return values as unknown as Values;
  const array = typedArray(dtype, values.length * (dtype === TF.FLOAT || dtype === TF.INT32 ? 4 : 1));
  array.set(values as ArrayLike<number>);
  return array;
}

const BYTES: Record<number, number> = {
  [TF.UINT8]: 1,
  [TF.BOOL]: 1,
  [TF.BFLOAT16]: 2,
  [TF.COMPLEX64]: 8,
  [TF.INT64]: 8,
  [TF.STRING]: 24,
};

/** Bytes of one value of a type. */
export const typeBytes = (dtype: number): number => BYTES[dtype] ?? 4;
