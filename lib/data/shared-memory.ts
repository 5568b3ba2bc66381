/** Allocates an array in memory that threads share. */
export const sharedArray = <A>(ArrayType: SharedArrayType<A>, length: number): A =>
  new ArrayType(new SharedArrayBuffer(length * ArrayType.BYTES_PER_ELEMENT));

type SharedArray = Uint8Array | Uint16Array | Float32Array;

interface SharedArrayType<A> {
  new (buffer: SharedArrayBuffer, byteOffset?: number, length?: number): A;
  readonly BYTES_PER_ELEMENT: number;
}

/** Returns values in memory that threads share: unchanged if they are already there, else a copy. */
export function inSharedMemory<A extends SharedArray>(values: A): A {
  if (values.buffer instanceof SharedArrayBuffer) return values;
  const copy = sharedArray(values.constructor as unknown as SharedArrayType<A>, values.length);
  copy.set(values);
  return copy;
}

const TYPES = { Uint8Array, Uint16Array, Float32Array };

/** An array in shared memory as plain data, for a thread: V8 sends the lengths of arrays as 32-bit numbers, but not those of buffers. */
export interface SharedValues {
  readonly buffer: SharedArrayBuffer;
  readonly byteOffset: number;
  /** The number of values. */
  readonly length: number;
  readonly type: keyof typeof TYPES;
}

/** Returns an array in shared memory as plain data. An array that is elsewhere is copied. */
export function sharedValues(values: SharedArray): SharedValues {
  const shared = inSharedMemory(values);
  const { buffer, byteOffset, length } = shared;
  const type = shared.constructor.name as SharedValues["type"];
  return { buffer: buffer as SharedArrayBuffer, byteOffset, length, type };
}

/** Returns a view of some values. */
export function viewOf({ buffer, byteOffset, type }: SharedValues, from: number, count: number): SharedArray {
  const ArrayType: SharedArrayType<SharedArray> = TYPES[type];
  return new ArrayType(buffer, byteOffset + from * ArrayType.BYTES_PER_ELEMENT, count);
}
