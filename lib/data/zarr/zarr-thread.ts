import type { DataType, Array as ZarrArray } from "zarrita";
import type { NumberArray } from "../../base/arrays/element-types";
import { isAddress } from "../../base/files/address";
import { answerRequests } from "../../base/thread/blocking-thread";
import { ServerError } from "./fetch-bytes";
import { numbersOf } from "./numbers";
import { folderStore, nodesIn, serverStore, type ZarrStore } from "./stores";

/** A numeric array of a Zarr store. */
export interface ZarrArrayFacts {
  readonly shape: readonly number[];
  /** The type of the values, as in numpy: `uint8`, `float32`. */
  readonly dtype: string;
  readonly chunkRows: number;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** The contents of a Zarr store, by paths without a leading slash; the path of the root is empty. */
export interface ZarrContents {
  readonly groups: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly arrays: Readonly<Record<string, ZarrArrayFacts>>;
}

/** Opens a store, or reads rows of an array in the store that was opened last at this location. */
export type ZarrRequest =
  | { readonly kind: "open"; readonly location: string }
  | {
      readonly kind: "read";
      readonly location: string;
      readonly path: string;
      readonly from: number;
      readonly to: number;
    };

/** The contents, the values in row-major order, or the reason why they cannot be read. */
export interface ZarrAnswer {
  readonly contents?: ZarrContents;
  readonly values?: NumberArray;
  readonly problem?: string;
}

/** The arrays of the stores that were opened, by the location of the store and the path of the array. */
const stores = new Map<string, ReadonlyMap<string, ZarrArray<DataType, ZarrStore>>>();

answerRequests<ZarrRequest, ZarrAnswer>(answered, ({ values }) =>
  values ? [values.buffer as ArrayBuffer] : [],
);

async function answered(request: ZarrRequest): Promise<ZarrAnswer> {
  try {
    return request.kind === "open" ? { contents: await opened(request) } : { values: await rowsOf(request) };
  } catch (error) {
    const { message } = error as Error;
    if (error instanceof ServerError) return { problem: message };
    return { problem: `cannot be read (${message}); copy it again, or write it with another compressor` };
  }
}

async function opened({ location }: ZarrRequest): Promise<ZarrContents> {
  const store = isAddress(location) ? await serverStore(location) : folderStore(location);
  const groups: Record<string, Readonly<Record<string, unknown>>> = {};
  const arrays: Record<string, ZarrArrayFacts> = {};
  const own = new Map<string, ZarrArray<DataType, ZarrStore>>();
  const zarr = await import("zarrita");
  for (const [path, node] of await nodesIn(store)) {
    if (node instanceof zarr.Array) {
      const { shape, chunks, dtype, attrs } = node;
      own.set(path, node);
      arrays[path] = { shape, dtype: String(dtype), chunkRows: chunks[0] ?? 1, attributes: attrs };
    } else groups[path] = node.attrs;
  }
  stores.set(location, own);
  return { groups, arrays };
}

async function rowsOf({ location, path, from, to }: ZarrRequest & { kind: "read" }): Promise<NumberArray> {
  const zarr = await import("zarrita");
  const array = stores.get(location)!.get(path)!;
  const rest = array.shape.slice(1).map(() => null);
  const { data, shape, stride } = await zarr.get(array, [zarr.slice(from, to), ...rest]);
  return numbersOf(data as ArrayLike<unknown>, shape, stride);
}
