/** Allocates an array in memory that threads share. */
export const sharedArray = <A>(ArrayType: SharedArrayType<A>, length: number): A =>
  new ArrayType(new SharedArrayBuffer(length * ArrayType.BYTES_PER_ELEMENT));

interface SharedArrayType<A> {
  new (buffer: SharedArrayBuffer): A;
  readonly BYTES_PER_ELEMENT: number;
}

/** Returns values in memory that threads share: unchanged if they are already there, else a copy. */
export function inSharedMemory<A extends Uint8Array | Uint16Array | Float32Array>(values: A): A {
  if (values.buffer instanceof SharedArrayBuffer) return values;
  const copy = sharedArray(values.constructor as unknown as SharedArrayType<A>, values.length);
  copy.set(values);
  return copy;
}
