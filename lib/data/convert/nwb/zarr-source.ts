import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ConfigError } from "../../../base/config";
import { itemsInOrder, numbersOf } from "../../zarr/numbers";
import { bytesOf, isZarr } from "../../zarr/stores";
import {
  childPath,
  type ElementType,
  type Listed,
  listObjects,
  type NwbObject,
  type NwbSource,
  type NwbValues,
  relativePath,
} from "./source";
import { addReferences, asBytes, type Compound, compoundOf, isPickled, membersIn } from "./zarr-elements";

/** Opens an NWB file in Zarr, as hdmf-zarr writes it (https://hdmf-zarr.readthedocs.io). @throws ConfigError when it cannot be read */
export async function openZarr(path: string): Promise<NwbSource> {
  return {
    ...listObjects((at) => objectAt(path, at)),
    read: async (at, from, to) => valuesOf(path, at, from, to),
  };
}

/** Returns the object at a path, and what it contains. */
function objectAt(store: string, at: string): Listed | undefined {
  const folder = join(store, at);
  if (!isZarr(folder)) return undefined;
  const { attributes: given, array } = metadataOf(store, at);
  const attributes = Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name, referred(value)]),
  );
  const links = linksIn(given);
  if (array) return { attributes, array, links };
  // Symbolic links are not followed, because they may lead to other folders, or back to this one.
  const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return { attributes, links, members: folders.map(({ name }) => name) };
}

type Json = Readonly<Record<string, unknown>>;

/** Reads a file of metadata. @throws ConfigError when it is not JSON */
function readJson(store: string, at: string, name: string): Json | undefined {
  const file = join(store, at, name);
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Json;
  } catch (cause) {
    const message = "is not valid JSON; copy the folder again";
    throw new ConfigError(store, [{ path: childPath(at, name), message }], { cause });
  }
}

function metadataOf(store: string, at: string): Pick<NwbObject, "attributes" | "array"> {
  const read = (name: string) => readJson(store, at, name);
  const newer = read("zarr.json");
  const array = newer?.node_type === "array" ? newer : read(".zarray");
  const attributes = (newer?.attributes ?? read(".zattrs") ?? {}) as Json;
  if (!array) return { attributes };
  const shape = Array.isArray(array.shape) ? array.shape.map(Number) : [];
  const compound = compoundOf(array.dtype);
  if (compound) return { attributes, array: { shape: [...shape, compound.members.length], type: "float" } };
  if (isPickled(array))
    return { attributes, array: { shape, type: array.dtype === "|O" ? "reference" : "other" } };
  // hdmf-zarr stores single values as arrays of one element.
  return { attributes, array: { shape, type: typeOf(array.dtype ?? array.data_type, attributes) } };
}

/** Returns the type of elements from numpy's name of it (format 2) or Zarr's own (format 3). */
function typeOf(dtype: unknown, { zarr_dtype }: Json): ElementType {
  if (typeof dtype !== "string" || zarr_dtype === "object") return "other";
  if (/^(\|u1|uint8)$/.test(dtype)) return "uint8";
  if (/^([<>|]?[iub]\d|u?int\d+|bool)/.test(dtype)) return "integer";
  if (/^([<>|]?f\d|float\d+)/.test(dtype)) return "float";
  return /^(\|O|[<>|]?[US]\d|string)/.test(dtype) ? "text" : "other";
}

/** Returns the names and the targets of the links in a group's attributes. */
function linksIn({ zarr_link: links }: Json): [name: string, target: string][] {
  if (!Array.isArray(links)) return [];
  return (links as { name: string; path: string }[]).map(({ name, path }) => [name, relativePath(path)]);
}

/** Returns the path of a reference in an attribute; other values are returned unchanged. */
function referred(value: unknown): unknown {
  const target = (value as { value?: { path?: unknown } } | null)?.value?.path;
  return typeof target === "string" ? relativePath(target) : value;
}

async function valuesOf(store: string, at: string, from?: number, to?: number): Promise<NwbValues> {
  const zarr = await import("zarrita");
  addReferences(zarr.registry);
  const metadata = readJson(store, at, ".zarray");
  const compound = metadata && compoundOf(metadata.dtype);
  const read = (key: string) =>
    compound && key === `/${at}/.zarray`
      ? Buffer.from(JSON.stringify(asBytes(metadata, compound)))
      : bytesOf(store, chunkKey(key, compound));
  try {
    const root = zarr.root({ get: async (key: string) => read(key) });
    const array = await zarr.open(root.resolve(at), { kind: "array" });
    const rows = from === undefined || to === undefined ? null : zarr.slice(from, to);
    const { data, shape, stride } = await zarr.get(array, [rows, ...array.shape.slice(1).map(() => null)]);
    const values = inOrder(data as ArrayLike<unknown>, shape, stride);
    return compound ? membersIn(Uint8Array.from(values as ArrayLike<number>), compound) : values;
  } catch (cause) {
    const message = `cannot be read (${(cause as Error).message}); copy the folder again, or write it with another compressor`;
    throw new ConfigError(store, [{ path: at, message }], { cause });
  }
}

/** Returns the key of a chunk. The chunks of compounds have no number for the axis that `asBytes` adds. */
const chunkKey = (key: string, compound: Compound | undefined) =>
  compound ? key.replace(/[./]0$/, "") : key;

/** Returns values in row-major order. 64-bit integers become doubles, and booleans become 0 and 1. */
function inOrder(data: ArrayLike<unknown>, shape: readonly number[], stride: readonly number[]): NwbValues {
  if (ArrayBuffer.isView(data)) return numbersOf(data, shape, stride);
  const items = itemsInOrder(data, shape, stride);
  return typeof items[0] === "string" ? (items as string[]) : Float64Array.from(items as number[], Number);
}
