import { ConfigError } from "../../base/config";
import type { PortableGraph } from "./portable-graph";

/** The largest protobuf message, in bytes. */
const LARGEST = 2 ** 31 - 1;
/** Room for everything but the constants. */
const OTHERS = 2 ** 24;

/**
 * Checks that the constants of a graph fit into one protobuf message.
 *
 * @param where the twin's file, for errors
 * @param what the kind of the written file
 * @throws ConfigError when they do not
 */
export function requireSmall({ constants }: PortableGraph, where: string, what: string): void {
  let bytes = 0;
  for (const constant of constants.values())
    if (constant.kind === "fixed" && ArrayBuffer.isView(constant.values)) bytes += constant.values.byteLength;
  if (bytes + OTHERS <= LARGEST) return;
  const message = `has weights of ${(bytes / 1e9).toFixed(1)} GB, but ${what} holds at most 2 GB; export with --to torch`;
  throw new ConfigError(where, [{ path: "model", message }]);
}
