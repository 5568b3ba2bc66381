import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";

/** The number of bytes of one write; the system accepts at most 2 GiB. */
const PIECE = 1 << 26;

/**
 * Writes a file atomically: writes a temporary file beside it, syncs it to disk, and renames it. Readers never see a partial file.
 *
 * @param chunks written in order; the iterable may produce them lazily
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
