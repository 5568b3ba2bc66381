/** A named array of a safetensors file. */
interface NamedArray {
  readonly shape: number[];
  readonly values: Float32Array;
}

/** Reads a safetensors file of float32 arrays: 8 bytes with the length of the header, a JSON header, the data. */
export function parseSafetensors(file: ArrayBuffer): Map<string, NamedArray> {
  const length = Number(new DataView(file).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(file, 8, length))) as Record<
    string,
    { shape: number[]; data_offsets: [number, number] }
  >;
  const named = Object.entries(header).filter(([name]) => name !== "__metadata__");
  return new Map(
    named.map(
      ([
        name,
        {
          shape,
          data_offsets: [from, to],
        },
      ]) => {
        return [name, { shape, values: new Float32Array(file, 8 + length + from, (to - from) / 4) }];
      },
    ),
  );
}
