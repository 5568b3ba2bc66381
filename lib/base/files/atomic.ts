import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";

/** Bytes that are written at once: the system takes no more than 2 GiB. */
const PIECE = 1 << 26;

/**
 * Writes a file so that it is never seen half-written: beside it, synced to disk, renamed.
 *
 * @param chunks written one after another; they may be made as they are asked for
 */
export function writeAtomically(path: string, chunks: Iterable<string | Uint8Array>): void {
  const beside = `${path}.${process.pid}.tmp`;
  try {
    const file = openSync(beside, "w");
    try {
      for (const chunk of chunks) {
        const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
        for (let at = 0; at < bytes.byteLength; )
          at += writeSync(file, bytes, at, Math.min(PIECE, bytes.byteLength - at));
      }
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(beside, path);
  } finally {
    rmSync(beside, { force: true });
  }
}
