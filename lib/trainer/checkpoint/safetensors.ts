import { z } from "zod";
import { ConfigError } from "../../base/config";
import { writeAtomically } from "../../base/files/atomic";
import { type OpenFile, openForSlices } from "../../base/files/slices";

/** A named array of a file; always float32 here. */
export interface NamedArray {
  shape: number[];
  values: Float32Array;
}

/** The contents of a safetensors file. */
export interface Safetensors {
  tensors: ReadonlyMap<string, NamedArray>;
  metadata: Record<string, string>;
}

/** Thrown for a file whose content is truncated, damaged or of another format. */
export class DamagedFile extends ConfigError {}

const size = z.int().nonnegative();
const headerSchema = z
  .object({ __metadata__: z.record(z.string(), z.string()).default({}) })
  .catchall(z.object({ dtype: z.string(), shape: z.array(size), data_offsets: z.tuple([size, size]) }));

/** The longest header that the format allows, in bytes. */
const LONGEST_HEADER = 100_000_000;

/** The kind of the files, for errors. */
const KIND = "checkpoint";

/**
 * Writes a safetensors file atomically (https://huggingface.co/docs/safetensors: 8 bytes for the length of the header,
 * a JSON header, the data). Python's `safetensors` reads it. Loading it runs no code.
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
 * Reads a safetensors file of float32 arrays, of any size.
 *
 * @throws DamagedFile when the file is truncated or of another format, or a tensor has another type, with its name
 * @throws ConfigError when the file is missing or cannot be read
 */
export function readSafetensors(path: string): Safetensors {
  const read = (file: OpenFile): Safetensors => {
    const { metadata, entries, data } = readHeader(path, file);
    const tensors = new Map<string, NamedArray>();
    for (const { name, shape, start, bytes } of entries) {
      const from = data + start;
      tensors.set(name, { shape, values: new Float32Array(file.read(from, from + bytes).buffer) });
    }
    return { tensors, metadata };
  };
  return openForSlices(path, read, KIND);
}

/**
 * Reads the metadata of a safetensors file without its arrays, and checks that the file contains all of them.
 *
 * @throws the errors of `readSafetensors`
 */
export function readMetadata(path: string): Record<string, string> {
  return openForSlices(path, (file) => readHeader(path, file).metadata, KIND);
}

interface Entry {
  readonly name: string;
  readonly shape: number[];
  /** The first and last byte of the array, counted from the beginning of the data. */
  readonly start: number;
  readonly bytes: number;
}

function readHeader(path: string, file: OpenFile) {
  const fail = (message: string, cause?: unknown, tensor = ""): never => {
    throw new DamagedFile(path, [{ path: tensor, message }], { cause });
  };
  const damaged = "damaged or not a checkpoint: use another one of the same run's checkpoints folder";
  const total = file.size;
  const read = (from: number, to: number) => Buffer.from(file.read(from, to).buffer);
  const length = total >= 8 ? Number(read(0, 8).readBigUInt64LE()) : LONGEST_HEADER;
  if (8 + length > total || length > LONGEST_HEADER) return fail(damaged);
  const json = read(8, 8 + length).toString("utf8");
  let header: z.output<typeof headerSchema>;
  try {
    header = headerSchema.parse(JSON.parse(json));
  } catch (cause) {
    return fail(damaged, cause);
  }
  const { __metadata__: metadata, ...described } = header;
  const data = 8 + length;
  const entries = Object.entries(described).map(([name, { dtype, shape, data_offsets }]): Entry => {
    if (dtype !== "F32")
      return fail(`is ${dtype}; only F32 is supported: save it as float32`, undefined, name);
    const [start, end] = data_offsets;
    const bytes = 4 * shape.reduce((a, b) => a * b, 1);
    if (data + end > total || end - start !== bytes) return fail(damaged, undefined, name);
    return { name, shape, start, bytes };
  });
  return { metadata, entries, data };
}
