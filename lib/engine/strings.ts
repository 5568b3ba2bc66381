import type { Pointer } from "./capi";
import { context } from "./context";
import { TF } from "./dtypes";

/**
 * The bytes of a `TF_TString` (`tensorflow/c/tf_tstring.h`). A string tensor is an array of them. Each holds a short string inline and a
 * longer one by a pointer.
 */
const TSTRING_BYTES = 24;

/**
 * Creates a `TF_Tensor*` with a copy of the strings; the caller deletes it.
 *
 * @param values the bytes of each string, as tfjs passes them
 * @throws Error when a value is not a Uint8Array
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

/** Returns the bytes of `count` strings at an address. */
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
 * Copies a string tensor into memory allocated by an op, which frees the strings with the tensor. Memory allocated by the C API frees
 * them only if `TF_DeleteTensor` is its last owner; an op's result that shares the memory lives longer, and the strings would leak.
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
