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
  const draft = new Draft(path);
  try {
    for (const chunk of chunks) draft.write(chunk);
    draft.finish();
  } finally {
    draft.close();
  }
}

/**
 * Writes a file as `writeAtomically` does, from chunks that are computed one after the other, so that they need not fit into memory together.
 *
 * @throws the system's error, or the error of a chunk; nothing is written then
 */
export async function streamAtomically(path: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const draft = new Draft(path);
  try {
    for await (const chunk of chunks) draft.write(chunk);
    draft.finish();
  } finally {
    draft.close();
  }
}

/** A temporary file that takes the place of another one when it is complete; for a device or a pipe, the device or the pipe itself. */
class Draft {
  private readonly target: string;
  private file: number | undefined;

  /** @throws the system's error, as all methods do, whose `path` is the final one */
  constructor(private readonly path: string) {
    this.target = isSpecial(path) ? path : `${path}.${process.pid}.tmp`;
    this.file = this.named(() => openSync(this.target, "w"));
  }

  write(chunk: string | Uint8Array): void {
    const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    this.named(() => {
      for (let at = 0; at < bytes.byteLength; )
        at += writeSync(this.file!, bytes, at, Math.min(PIECE, bytes.byteLength - at));
    });
  }

  /** Syncs the file to disk, and puts it in its place. */
  finish(): void {
    this.named(() => {
      if (this.isTemporary) fsyncSync(this.file!);
      this.closeFile();
      if (this.isTemporary) renameSync(this.target, this.path);
    });
  }

  /** Removes what is left after an error. */
  close(): void {
    this.closeFile();
    if (this.isTemporary) rmSync(this.target, { force: true });
  }

  private get isTemporary(): boolean {
    return this.target !== this.path;
  }

  private closeFile(): void {
    const { file } = this;
    this.file = undefined;
    if (file !== undefined) closeSync(file);
  }

  /** Calls a function, and names the final file in its error. Node names the temporary one, or for a failed write no file at all. */
  private named<T>(act: () => T): T {
    try {
      return act();
    } catch (error) {
      throw Object.assign(error as Error, { path: this.path });
    }
  }
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
