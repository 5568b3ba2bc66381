import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { ConfigError } from "../config";

/** The number of bytes of one write; the system accepts at most 2 GiB. */
const PIECE = 1 << 26;

/**
 * Writes a file atomically: writes a temporary file beside it, syncs it to disk, and renames it. Readers never see a partial file.
 * A device or a pipe, such as `/dev/stdout`, is written directly: renaming would replace it.
 *
 * @param chunks written in order; the iterable may produce them lazily
 * @throws the system's error, whose `path` is the file
 */
export function writeAtomically(path: string, chunks: Iterable<string | Uint8Array>): void {
  const beside = `${path}.${process.pid}.tmp`;
  try {
    if (isSpecial(path)) write(path, chunks);
    else {
      write(beside, chunks, fsyncSync);
      renameSync(beside, path);
    }
  } catch (error) {
    // Node names the temporary file, or for a failed write no file at all.
    if ((error as NodeJS.ErrnoException).syscall) Object.assign(error as Error, { path });
    throw error;
  } finally {
    rmSync(beside, { force: true });
  }
}

/**
 * Writes a file as `writeAtomically` does, from chunks that are computed one after the other, so that they need not fit into memory together.
 *
 * @throws the system's error, or the error of a chunk; nothing is written then
 */
export async function streamAtomically(path: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const beside = `${path}.${process.pid}.tmp`;
  const target = isSpecial(path) ? path : beside;
  try {
    const file = openSync(target, "w");
    try {
      for await (const chunk of chunks) writeAll(file, chunk);
      if (target === beside) fsyncSync(file);
    } finally {
      closeSync(file);
    }
    if (target === beside) renameSync(beside, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall) Object.assign(error as Error, { path });
    throw error;
  } finally {
    rmSync(beside, { force: true });
  }
}

/** @param finish called with the open file after the last chunk */
function write(path: string, chunks: Iterable<string | Uint8Array>, finish?: (file: number) => void): void {
  const file = openSync(path, "w");
  try {
    for (const chunk of chunks) writeAll(file, typeof chunk === "string" ? Buffer.from(chunk) : chunk);
    finish?.(file);
  } finally {
    closeSync(file);
  }
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.byteLength; )
    at += writeSync(file, bytes, at, Math.min(PIECE, bytes.byteLength - at));
}

const isSpecial = (path: string) => existsSync(path) && !statSync(path).isFile();

/**
 * Calls `write`, which writes into a folder or a file.
 *
 * @returns what `write` returns
 * @throws ConfigError in place of an error of the system, such as a full disk
 */
export function writing<T>(path: string, write: () => T): T {
  try {
    return write();
  } catch (cause) {
    if (cause instanceof ConfigError || (cause as NodeJS.ErrnoException).code === undefined) throw cause;
    const message = `cannot be written (${(cause as Error).message}); free some space, or give a folder that you may write`;
    throw new ConfigError(path, [{ path: "", message }], { cause });
  }
}

/** Parses a text as JSON; returns undefined when it is not valid JSON or is truncated. */
export function fromJson<T>(text: string): T | undefined {
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}
