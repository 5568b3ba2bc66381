/** The header's length and the array that follows it are multiples of this number of bytes. */
const ALIGNED = 64;

/**
 * Returns the pieces of a `.npy` file of float32 (numpy's format 1.0), for `writeAtomically`.
 *
 * @param parts the values in row-major order
 */
export function npyOf(shape: readonly number[], parts: readonly Float32Array[]): Uint8Array[] {
  return [headerOf(shape), ...parts.map(bytesOf)];
}

/** Yields the pieces of a `.npy` file as `npyOf` returns them, for `streamAtomically`. */
export async function* npyStream(
  shape: readonly number[],
  parts: AsyncIterable<Float32Array>,
): AsyncGenerator<Uint8Array> {
  yield headerOf(shape);
  for await (const part of parts) yield bytesOf(part);
}

function headerOf(shape: readonly number[]): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': ${tuple}, }`;
  const prefix = 10;
  const length = Math.ceil((prefix + text.length + 1) / ALIGNED) * ALIGNED;
  const header = Buffer.alloc(length, " ", "latin1");
  header.write("\x93NUMPY\x01\x00", 0, "latin1");
  header.writeUInt16LE(length - prefix, 8);
  header.write(text, prefix, "latin1");
  header.write("\n", length - 1, "latin1");
  return header;
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array) =>
  new Uint8Array(buffer, byteOffset, byteLength);
