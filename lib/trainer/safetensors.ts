import { readFileSync } from "node:fs";
import { z } from "zod";
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

const size = z.int().nonnegative();
const headerSchema = z
  .object({ __metadata__: z.record(z.string(), z.string()).default({}) })
  .catchall(z.object({ dtype: z.string(), shape: z.array(size), data_offsets: z.tuple([size, size]) }));

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
 * @throws ConfigError when the file is missing, cut off or something else, or a tensor is of another type, which is named
 */
export function readSafetensors(path: string): Safetensors {
  const fail = (message: string, cause?: unknown, tensor = ""): never => {
    throw new ConfigError(path, [{ path: tensor, message }], { cause });
  };
  let file: Buffer;
  try {
    file = readFileSync(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    return fail(code === "ENOENT" ? "no such checkpoint; check the path" : `cannot be read (${code})`, cause);
  }
  const damaged = "damaged or not a checkpoint: use another one of the same run's checkpoints folder";
  const headerLength = file.length >= 8 ? Number(file.readBigUInt64LE(0)) : Number.POSITIVE_INFINITY;
  if (8 + headerLength > file.length) return fail(damaged);
  let header: z.output<typeof headerSchema>;
  try {
    header = headerSchema.parse(JSON.parse(file.toString("utf8", 8, 8 + headerLength)));
  } catch (cause) {
    return fail(damaged, cause);
  }
  const { __metadata__: metadata, ...entries } = header;
  const data = file.subarray(8 + headerLength);
  const tensors = new Map<string, NamedArray>();
  for (const [name, { dtype, shape, data_offsets }] of Object.entries(entries)) {
    if (dtype !== "F32") return fail(`is ${dtype}; only F32 is read: save it as float32`, undefined, name);
    const [start, end] = data_offsets;
    const bytes = 4 * shape.reduce((a, b) => a * b, 1);
    if (end > data.length || end - start !== bytes) return fail(damaged, undefined, name);
    tensors.set(name, { shape, values: new Float32Array(Uint8Array.from(data.subarray(start, end)).buffer) });
  }
  return { tensors, metadata };
}
