/** Concatenates arrays; a single array is returned unchanged. */
export function joined<A extends Uint8Array | Float32Array>(
  ArrayType: new (n: number) => A,
  parts: readonly A[],
): A {
  if (parts.length === 1) return parts[0]!;
  const all = new ArrayType(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
