import type { Pointer } from "./capi";
import { context } from "./context";
import { TF } from "./dtypes";

/**
 * Strings in TensorFlow's memory: a string tensor is an array of `TF_TString`s (`tensorflow/c/tf_tstring.h`), 24 bytes
 * each, that hold short strings themselves and longer ones by a pointer.
 */
const TSTRING_BYTES = 24;

/**
 * A `TF_Tensor*` with a copy of the strings; the caller deletes it.
 *
 * @param values each string's bytes, as tfjs hands them over
 * @throws Error when a value is no Uint8Array
 */
export function newStringTensor(shape: BigInt64Array, values: ArrayLike<unknown>): Pointer {
  const { c } = context();
  const strings = Array.from(values, (value, i) => {
    if (value instanceof Uint8Array) return value;
    throw new Error(
      `String ${i} of a tensor came as a ${typeof value}, not as the bytes of its UTF-8 (a Uint8Array).`,
    );
  });
  const tensor = c.allocateTensor(TF.STRING, shape, shape.length, strings.length * TSTRING_BYTES);
  addresses(c.tensorData(tensor), strings.length).forEach((place, i) => {
    c.stringInit(place);
    c.stringCopy(place, strings[i], strings[i]!.length);
  });
  try {
    return deepCopy(tensor);
  } finally {
    c.deleteTensor(tensor);
  }
}

/** The bytes of `count` strings at an address. */
export function readStrings(data: Pointer, count: number): Uint8Array[] {
  const { c } = context();
  return addresses(data, count).map((place) => {
    const bytes = new Uint8Array(Number(c.stringSize(place)));
    if (bytes.length > 0) c.copyOut(bytes, c.stringData(place), bytes.length);
    return bytes;
  });
}

function addresses(data: Pointer, count: number): Pointer[] {
  return Array.from({ length: count }, (_, i) => data + BigInt(i * TSTRING_BYTES));
}

/**
 * The same strings in memory that an op allocated, which frees them with itself. What the C API allocated does so only
 * if `TF_DeleteTensor` is its last owner; an op's result that shares it outlives that, and the strings would leak.
 */
function deepCopy(tensor: Pointer): Pointer {
  const { c, pointer, status, check } = context();
  const what = "string tensor";
  const handle = c.newHandle(tensor, status);
  check(what);
  const op = c.newOp(pointer, "DeepCopy", status);
  const copies: (Pointer | null)[] = [null];
  try {
    check(what);
    c.opAddInput(op, handle, status);
    check(what);
    c.execute(op, copies, [1], status);
    check(what);
    const copy: Pointer = c.resolveHandle(copies[0], status);
    check(what);
    return copy;
  } finally {
    if (copies[0]) c.deleteHandle(copies[0]);
    c.deleteOp(op);
    c.deleteHandle(handle);
  }
}
