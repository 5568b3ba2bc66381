import { readFileSync } from "node:fs";
import { ConfigError } from "../config";
import { writeAtomically } from "../files/atomic";

/** A named array of a file, always float32 here. */
export interface NamedArray {
  shape: number[];
  values: Float32Array;
}

export interface Safetensors {
  tensors: Map<string, NamedArray>;
  metadata: Record<string, string>;
}

interface HeaderEntry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

/**
 * Writes a safetensors file (https://huggingface.co/docs/safetensors: 8 bytes length, a JSON header, the bytes), which
 * Python's `safetensors` reads, and loading which runs no code. Atomic.
 */
export function writeSafetensors(path: string, { tensors, metadata }: Safetensors): void {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const [name, { shape, values }] of tensors) {
    header[name] = { dtype: "F32", shape, data_offsets: [offset, offset + values.byteLength] };
    offset += values.byteLength;
  }
  const json = JSON.stringify(header);
  // The data must start at a multiple of 8 bytes; the header may end in spaces.
  const bytes = Buffer.from(json.padEnd(json.length + ((8 - (Buffer.byteLength(json) % 8)) % 8)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(bytes.length));
  const arrays = [...tensors.values()].map(({ values }) =>
    Buffer.from(values.buffer, values.byteOffset, values.byteLength),
  );
  writeAtomically(path, [length, bytes, ...arrays]);
}

/**
 * Reads a safetensors file of float32 arrays.
 *
 * @throws ConfigError when the file is missing, cut off or something else
 */
export function readSafetensors(path: string): Safetensors {
  const fail = (message: string, cause?: unknown): never => {
    throw new ConfigError(path, [{ path: "", message }], { cause });
  };
  let file: Buffer;
  try {
    file = readFileSync(path);
  } catch (cause) {
    return fail("no such checkpoint; check the path", cause);
  }
  const damaged = "damaged or not a checkpoint: use another one of the same run's checkpoints folder";
  const headerLength = file.length >= 8 ? Number(file.readBigUInt64LE(0)) : Number.POSITIVE_INFINITY;
  if (8 + headerLength > file.length) return fail(damaged);
  let header: Record<string, HeaderEntry> & { __metadata__?: Record<string, string> };
  try {
    header = JSON.parse(file.toString("utf8", 8, 8 + headerLength));
  } catch (cause) {
    return fail(damaged, cause);
  }
  const { __metadata__: metadata = {}, ...entries } = header;
  const data = file.subarray(8 + headerLength);
  const tensors = new Map<string, NamedArray>();
  for (const [name, { dtype, shape, data_offsets }] of Object.entries(
    entries as Record<string, HeaderEntry>,
  )) {
    if (dtype !== "F32") return fail(`tensor ${name} is ${dtype}; only F32 is read: save it as float32`);
    const [start, end] = data_offsets ?? [];
    const bytes = 4 * (shape ?? [Number.NaN]).reduce((a, b) => a * b, 1);
    if (!(start >= 0 && end <= data.length && end - start === bytes)) return fail(damaged);
    tensors.set(name, { shape, values: new Float32Array(Uint8Array.from(data.subarray(start, end)).buffer) });
  }
  return { tensors, metadata };
}
