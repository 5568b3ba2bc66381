import { existsSync, readdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import type { AsyncReadable, DataType, Group, RangeQuery, Array as ZarrArray } from "zarrita";
import { isBelow, isFolder } from "../../base/files/folder";
import { openForSlices } from "../../base/files/slices";
import { fetchBytes, ServerError } from "./fetch-bytes";

/** The files of a Zarr group or array that hold its metadata, in the formats 2 and 3. */
const METADATA = [".zgroup", ".zarray", "zarr.json"];

/** Whether a path is the folder of a Zarr store, or of a group or an array in one. */
export const isZarr = (path: string): boolean =>
  isFolder(path) && METADATA.some((name) => existsSync(join(path, name)));

/** A Zarr store whose groups and arrays can be listed. */
export interface ZarrStore extends AsyncReadable {
  /** Returns the paths of all groups and arrays, without a leading slash; the path of the root is empty. */
  paths(): readonly string[];
}

/** Opens all groups and arrays of a store. */
export async function nodesIn(
  store: ZarrStore,
): Promise<Map<string, Group<ZarrStore> | ZarrArray<DataType, ZarrStore>>> {
  const zarr = await import("zarrita");
  const root = zarr.root(store);
  const opened = await Promise.all(
    store.paths().map(async (path) => [path, await zarr.open(root.resolve(path))] as const),
  );
  return new Map(opened);
}

/** Returns the store of a folder. Symbolic links are not followed, because they may lead to other folders, or back to this one. */
export function folderStore(folder: string): ZarrStore {
  const below = (path: string): string[] => {
    const own = join(folder, path);
    if (!isZarr(own)) return [];
    const folders = readdirSync(own, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return [path, ...folders.flatMap(({ name }) => below(path ? `${path}/${name}` : name))];
  };
  return {
    paths: () => below(""),
    get: async (key) => bytesOf(folder, key),
    getRange: async (key, range) => bytesOf(folder, key, range),
  };
}

/** Returns the bytes of a file in a store's folder; undefined for a chunk that was not written. */
export function bytesOf(folder: string, key: string, range?: RangeQuery): Uint8Array | undefined {
  const path = join(folder, key);
  if (!existsSync(path)) return undefined;
  if (!isBelow(realpathSync(folder), realpathSync(path)))
    throw new Error(`${key} is a link to another folder`);
  return openForSlices(path, ({ size, read }) => {
    if (!range) return read(0, size);
    if ("suffixLength" in range) return read(Math.max(0, size - range.suffixLength), size);
    return read(range.offset, Math.min(size, range.offset + range.length));
  });
}

/**
 * Returns the store at an address, whose groups and arrays are listed in its consolidated metadata.
 *
 * @throws ServerError when there is no store, or it has no such metadata
 */
export async function serverStore(address: string): Promise<ZarrStore> {
  if (/\.(h5|hdf5|nwb)$/.test(new URL(address).pathname)) throw new ServerError(HDF5);
  const files = {
    get: async (key: string) => fetchBytes(addressOf(address, key)),
    getRange: async (key: string, range: RangeQuery) => fetchBytes(addressOf(address, key), range),
  };
  const { withConsolidatedMetadata } = await import("zarrita");
  try {
    const store = await withConsolidatedMetadata(files, { format: ["v3", "v2"] });
    const paths = store.contents().map(({ path }) => path.replace(/^\//, ""));
    return {
      paths: () => [...new Set(["", ...paths])],
      get: store.get.bind(store),
      getRange: files.getRange,
    };
  } catch (error) {
    if (error instanceof ServerError) throw error;
    const found = await Promise.all(METADATA.map((name) => files.get(`/${name}`)));
    throw new ServerError(
      found.some(Boolean)
        ? UNLISTED
        : `holds no Zarr store: neither ${METADATA.join(" nor ")} is there (404); check the address`,
    );
  }
}

const HDF5 =
  "is an HDF5 file on a server, which is not read; download it, or write it as Zarr (docs/session-format.md)";
const UNLISTED =
  "has no consolidated metadata, which lists its arrays, because a server cannot; write it in Python: `zarr.consolidate_metadata(path)`";

/** Returns the address of a file in a store. The query of the store's address, such as a signature, is kept. */
function addressOf(store: string, key: string): string {
  const address = new URL(store);
  address.pathname = `${address.pathname.replace(/\/$/, "")}${key}`;
  return address.href;
}
