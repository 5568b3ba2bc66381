import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { ELEMENT_TYPES, NUMPY_TYPES } from "../../base/arrays/element-types";
import { ConfigError, check } from "../../base/config";
import { openForSlices } from "../../base/files/slices";
import { readNpy, withNpy } from "../../base/numpy/npy";
import { arrayInMemory, asFloat64 } from "../source-array";
import type { Modality } from "./modality";

/** A table `[rows, columns]` in a file, whose rows are read in parts. */
export interface Table {
  readonly file: string;
  readonly rows: number;
  readonly columns: number;
  read(from: number, to: number): ArrayLike<number>;
}

const STORED = z.looseObject({ is_mem_mapped: z.boolean().default(false), dtype: z.string().optional() });
const MAPPED = z.looseObject({ n_timestamps: z.int().positive(), n_signals: z.int().positive() });

/** Calls `use` with the samples of a sequence: `data.npy`, or numbers without a header in `data.mem`. @throws ConfigError */
export function withSamples<Result>(modality: Modality, use: (table: Table) => Result): Result {
  const { folder, file, meta } = modality;
  const { is_mem_mapped } = check(STORED, meta, file);
  if (!is_mem_mapped) return withTable(join(folder, "data.npy"), use);
  const { n_timestamps, n_signals } = check(MAPPED, meta, file);
  return withMapped(modality, "data.mem", n_timestamps * n_signals, (read) =>
    use({
      file: join(folder, "data.mem"),
      rows: n_timestamps,
      columns: n_signals,
      read: (from, to) => read(from * n_signals, to * n_signals),
    }),
  );
}

/** Reads the spike times of all units, one after another: `spikes.npy`, or `spikes.mem`. @throws ConfigError */
export function readSpikes(modality: Modality, count: number): ArrayLike<number> {
  const { folder, file, meta } = modality;
  if (check(STORED, meta, file).is_mem_mapped)
    return withMapped(modality, "spikes.mem", count, (read) => read(0, count));
  return readNpy(join(folder, "spikes.npy")).values;
}

function withTable<Result>(file: string, use: (table: Table) => Result): Result {
  return withNpy(file, ({ shape, strides, read }) => {
    const [rows = 0, columns = 1] = shape;
    if (shape.length !== 1 && shape.length !== 2)
      throw new ConfigError(file, [
        { path: "", message: `has shape [${shape}], but must be [samples, signals]` },
      ]);
    if (shape.length === 1 || strides[1] === 1 || columns === 1)
      return use({ file, rows, columns, read: (from, to) => read(from * columns, to * columns) });
    const { values } = readNpy(file);
    return use({ file, rows, columns, read: (from, to) => values.subarray(from * columns, to * columns) });
  });
}

/** Calls `use` with a function that reads numbers of a file without a header, whose type the modality states. */
function withMapped<Result>(
  { folder, file, meta }: Modality,
  name: string,
  count: number,
  use: (read: (from: number, to: number) => ArrayLike<number>) => Result,
): Result {
  const { dtype = "float64" } = check(STORED, meta, file);
  const plain = dtype.replace(/^[<|=]/, "");
  const type = ELEMENT_TYPES[NUMPY_TYPES[plain] ?? plain];
  const decode = type?.decode;
  if (!decode)
    throw new ConfigError(file, [
      {
        path: "dtype",
        message: `is ${dtype}; real numbers of the machine's byte order can be read, such as float32`,
      },
    ]);
  const path = join(folder, name);
  return openForSlices(path, ({ size, read }) => {
    if (size !== count * type.bytes)
      throw new ConfigError(path, [
        { path: "", message: `has ${size} bytes, but meta.yml states ${count} numbers of type ${dtype}` },
      ]);
    return use((from, to) => decode(read(from * type.bytes, to * type.bytes)));
  });
}

const CLOCK = z.looseObject({ start_time: z.number(), sampling_rate: z.number().positive() });

/** Returns the time of each sample of a sequence in seconds: `timestamps.npy`, or the stated rate. @throws ConfigError */
export function clockOf({ folder, file, meta }: Modality, samples: number): Float64Array {
  const path = join(folder, "timestamps.npy");
  if (!existsSync(path)) {
    const { start_time, sampling_rate } = check(CLOCK, meta, file);
    return Float64Array.from({ length: samples }, (_, i) => start_time + i / sampling_rate);
  }
  const times = readTimes(path);
  if (times.length === samples) return times;
  throw new ConfigError(path, [
    { path: "", message: `has ${times.length} times, but the data have ${samples} samples: one for each` },
  ]);
}

/** Reads increasing times in seconds. @throws ConfigError that names the first time that does not increase */
export function readTimes(file: string): Float64Array {
  const { shape, values, whole } = readNpy(file);
  const times = asFloat64(arrayInMemory(shape, values, whole), { file, key: "" });
  const bad = times.findIndex((time, i) => !Number.isFinite(time) || (i > 0 && !(time > times[i - 1]!)));
  if (bad < 0) return times;
  const message = `is ${times[bad]} at ${bad}; times must be finite and increase`;
  throw new ConfigError(file, [{ path: "", message }]);
}
