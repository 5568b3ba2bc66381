import { existsSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import type { Dataset, Entity, Group } from "h5wasm/node";
import { ELEMENT_TYPES, type NumberArray } from "../base/arrays/element-types";
import { product } from "../base/arrays/shape";
import { bytesInWords } from "../engine/bytes";
import { fileBeingRead, hdf5Library, hdf5Plugins } from "./hdf5-library";
import { allRows, rowsAtOnce, type StoredArray, type StoredGroup } from "./stored-group";

/** A dataset that is not damaged, but cannot be read. The message follows the dataset's name. */
export class UnreadableDataset extends Error {
  constructor(
    readonly dataset: string,
    message: string,
  ) {
    super(message);
  }
}

/** The number of bytes that are read at once: few enough to stay in the processor's cache while they are copied. */
const SLICE = 2 ** 21;
/** The largest compressed chunk: HDF5 unpacks it inside the 2 GiB of a WebAssembly module, and one filter may need a second copy. */
const LARGEST_CHUNK = 2 ** 29;

/** The filters of HDF5 itself, and those of h5wasm-plugins, by their numbers. */
const OWN_FILTERS = [1, 2, 3, 4, 5, 6];
const PLUGIN_FILTERS = [307, 32000, 32001, 32004, 32008, 32013, 32015, 32019, 32022, 32023, 32026];

/** The numbers of the classes of HDF5's types. */
export const TYPE_CLASS = { integer: 0, float: 1, string: 3, compound: 6, reference: 7, enum: 8 } as const;

/** Returns a group of an open HDF5 file. */
export function hdf5Group(group: Group): StoredGroup {
  const named = (type: string) =>
    group.keys().filter((key) => {
      const found = group.get(key);
      return found !== null && "type" in found && found.type === type;
    });
  return {
    get groups() {
      return named("Group");
    },
    get arrays() {
      return named("Dataset");
    },
    attribute: (name) => group.attrs[name]?.value,
    group: (name) => hdf5Group(group.get(name) as Group),
    array: (name) => openDataset(group, name),
  };
}

/** Opens a numeric dataset of one or more axes. Returns undefined when the group has no such dataset. */
export function openDataset(group: Group, name: string): Hdf5Dataset | undefined {
  const found = group.get(name);
  return isDataset(found) && found.shape?.length && typeOf(found) ? new Hdf5Dataset(found) : undefined;
}

const isDataset = (entity: Entity | null): entity is Dataset =>
  entity !== null && "type" in entity && entity.type === "Dataset";

/** Returns the name of a dataset's type, as in numpy; undefined when it is not numeric. */
function typeOf({ metadata }: Dataset): string | undefined {
  const { type, size, signed, enum_type } = metadata;
  const isInteger =
    type === TYPE_CLASS.integer || (type === TYPE_CLASS.enum && enum_type?.type === TYPE_CLASS.integer);
  const name = isInteger
    ? `${signed ? "" : "u"}int${8 * size}`
    : type === TYPE_CLASS.float
      ? `float${8 * size}`
      : "";
  return name in ELEMENT_TYPES ? name : undefined;
}

/** Memory of HDF5's reader for some rows of a dataset. */
class HeapRows {
  private readonly address: number;

  /** @param most the largest number of rows of a read @throws UnreadableDataset when HDF5's reader has too little memory */
  constructor(
    private readonly dataset: Dataset,
    private readonly rowBytes: number,
    most: number,
  ) {
    this.address = hdf5Library().Module._malloc(Math.max(1, most * rowBytes));
    if (this.address !== 0) return;
    const message = `needs ${bytesInWords(most * rowBytes)} for ${most} rows, more than HDF5's reader has; store it with shorter rows`;
    throw new UnreadableDataset(dataset.path, message);
  }

  /** Reads rows `from` to `to`. @returns their bytes in this memory, valid until the next call of the library */
  read(from: number, to: number): Uint8Array {
    const functions = hdf5Library().Module;
    const { file_id, path, shape } = this.dataset;
    const count = [to - from, ...shape!.slice(1)].map(BigInt);
    const offset = shape!.map((_, axis) => BigInt(axis === 0 ? from : 0));
    const strides = shape!.map(() => 1n);
    functions.get_dataset_data(file_id, path, count, offset, strides, BigInt(this.address));
    return functions.HEAPU8.subarray(this.address, this.address + (to - from) * this.rowBytes);
  }

  free(): void {
    hdf5Library().Module._free(this.address);
  }
}

/** A numeric dataset of an open file. @throws UnreadableDataset when HDF5 cannot unpack it, or it refers to missing files */
export class Hdf5Dataset implements StoredArray {
  readonly shape: readonly number[];
  /** The type of the values in the file, as in numpy: `uint8`, `float16`. */
  readonly dtype: string;
  readonly whole: boolean;
  private readonly rowBytes: number;
  /** The number of rows of a compressed chunk; 1 for other storage. */
  readonly chunkRows: number;

  constructor(private readonly dataset: Dataset) {
    const { shape, chunks, size } = dataset.metadata;
    this.shape = shape!;
    this.dtype = typeOf(dataset)!;
    this.whole = ELEMENT_TYPES[this.dtype]!.whole;
    this.rowBytes = size * product(shape!.slice(1));
    const isFiltered = dataset.filters.length > 0;
    this.chunkRows = (isFiltered && chunks?.[0]) || 1;
    this.requireFilters();
    this.requireSources(fileBeingRead()?.folder ?? ".");
    const bytes = isFiltered ? size * product(chunks ?? []) : 0;
    if (bytes > LARGEST_CHUNK) {
      const message = `is stored in compressed chunks of ${bytesInWords(bytes)}, but at most ${bytesInWords(LARGEST_CHUNK)} are unpacked at once; store it in smaller ones: \`h5repack -l ${dataset.path}:CHUNK=${[Math.min(256, shape![0]!), ...shape!.slice(1)].join("x")} old.h5 new.h5\``;
      throw new UnreadableDataset(dataset.path, message);
    }
  }

  /** Reads some rows. 64-bit integers become float64, and float16 becomes float32. */
  read(from = 0, to = this.shape[0]!): NumberArray {
    const heap = new HeapRows(this.dataset, this.rowBytes, to - from);
    try {
      return this.decode(heap.read(from, to).slice());
    } finally {
      heap.free();
    }
  }

  /** Returns the value of an attribute; undefined when there is none. */
  attribute(name: string): unknown {
    return this.dataset.attrs[name]?.value;
  }

  *slices(): Generator<NumberArray> {
    const rows = this.shape[0]!;
    const step = rowsAtOnce(this, this.rowBytes, SLICE);
    const heap = new HeapRows(this.dataset, this.rowBytes, step);
    try {
      for (let from = 0; from < rows; from += step)
        yield this.decode(heap.read(from, Math.min(rows, from + step)));
    } finally {
      heap.free();
    }
  }

  /** Reads all rows. @throws ConfigError when they do not fit into memory */
  readAll(): NumberArray {
    return allRows(this, { file: fileBeingRead()?.file ?? "", key: this.dataset.path.slice(1) });
  }

  private decode(bytes: Uint8Array): NumberArray {
    return ELEMENT_TYPES[this.dtype]!.decode!(bytes);
  }

  private requireFilters(): void {
    const read = [...OWN_FILTERS, ...(hdf5Plugins ? PLUGIN_FILTERS : [])];
    const unknown = this.dataset.filters.find(({ id }) => !read.includes(id));
    if (!unknown) return;
    const remedy = PLUGIN_FILTERS.includes(unknown.id)
      ? "which the optional package h5wasm-plugins reads; install it: `npm install h5wasm-plugins`"
      : "which is not read; repack the file where that filter is installed: `h5repack -f GZIP=1 old.h5 new.h5`";
    const message = `is compressed with ${unknown.name || "a filter"} (HDF5 filter ${unknown.id}), ${remedy}`;
    throw new UnreadableDataset(this.dataset.path, message);
  }

  /** HDF5 reads fill values in place of missing sources of a virtual dataset. */
  private requireSources(folder: string): void {
    const names = (this.dataset.metadata.virtual_sources ?? []).map(({ file_name }) => file_name);
    const missing = names
      .filter((name) => name !== "." && !name.includes("%"))
      .find((name) => !existsSync(isAbsolute(name) ? name : join(folder, name)));
    if (missing === undefined) return;
    const message = `is a virtual dataset, and its source ${missing} is missing; copy it beside the file`;
    throw new UnreadableDataset(this.dataset.path, message);
  }
}
