import { ELEMENT_TYPES, type NumberArray } from "../../base/arrays/element-types";
import { product } from "../../base/arrays/shape";
import { ConfigError } from "../../base/config";
import { BlockingThread } from "../../base/thread/blocking-thread";
import { allRows, rowsAtOnce, type StoredArray, type StoredGroup } from "../stored-group";
import type { ZarrAnswer, ZarrArrayFacts, ZarrContents, ZarrRequest } from "./zarr-thread";

/** The number of bytes that are read at once: several chunks, which a server sends at the same time. */
const SLICE = 2 ** 24;

/** The thread that reads stores for this one; zarrita is asynchronous. */
let thread: BlockingThread<ZarrRequest, ZarrAnswer> | undefined;

function ask(request: ZarrRequest): ZarrAnswer {
  thread ??= new BlockingThread(`${__dirname}/zarr-thread`);
  const answer = thread.ask(request);
  if (answer.problem === undefined) return answer;
  const path = request.kind === "read" ? request.path : "";
  throw new ConfigError(request.location, [{ path, message: answer.problem }]);
}

/**
 * Opens a Zarr store in a folder, or at an address (http, https) with consolidated metadata. The calling thread blocks while it reads.
 *
 * @throws ConfigError that names the store
 */
export const openZarr = (location: string): StoredGroup =>
  groupOf(location, ask({ kind: "open", location }).contents!, "");

function groupOf(location: string, contents: ZarrContents, at: string): StoredGroup {
  const prefix = at && `${at}/`;
  const inside = (all: object) =>
    Object.keys(all)
      .filter((path) => path !== at && path.startsWith(prefix) && !path.slice(prefix.length).includes("/"))
      .map((path) => path.slice(prefix.length))
      .sort();
  return {
    groups: inside(contents.groups),
    arrays: inside(contents.arrays),
    attribute: (name) => contents.groups[at]?.[name],
    group: (name) => groupOf(location, contents, prefix + name),
    array: (name) => {
      const facts = contents.arrays[prefix + name];
      const isNumeric = facts && facts.shape.length > 0 && ELEMENT_TYPES[facts.dtype]?.decode;
      return isNumeric ? new ZarrArray(location, prefix + name, facts) : undefined;
    },
  };
}

/** A numeric array of an open store. */
class ZarrArray implements StoredArray {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly chunkRows: number;
  readonly whole: boolean;

  constructor(
    private readonly location: string,
    private readonly path: string,
    private readonly facts: ZarrArrayFacts,
  ) {
    ({ shape: this.shape, dtype: this.dtype, chunkRows: this.chunkRows } = facts);
    this.whole = ELEMENT_TYPES[this.dtype]!.whole;
  }

  read(from = 0, to = this.shape[0]!): NumberArray {
    const { location, path } = this;
    return ask({ kind: "read", location, path, from, to }).values!;
  }

  *slices(): Generator<NumberArray> {
    const rows = this.shape[0]!;
    const rowBytes = ELEMENT_TYPES[this.dtype]!.bytes * product(this.shape.slice(1));
    const step = rowsAtOnce(this, rowBytes, SLICE);
    for (let from = 0; from < rows; from += step) yield this.read(from, Math.min(rows, from + step));
  }

  readAll(): NumberArray {
    return allRows(this, { file: this.location, key: this.path });
  }

  attribute(name: string): unknown {
    return this.facts.attributes[name];
  }
}
