import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { ConfigError } from "../config/errors";

/** The number of bytes of one read: the system returns at most 2 GiB. */
const PIECE = 1 << 26;

/** An open file, read by slices. */
export interface OpenFile {
  /** The file's length in bytes. */
  readonly size: number;
  /** Returns the bytes from `from` to `to`, in a buffer of their own. @throws Error when the file ends before `to` */
  read(from: number, to: number): Uint8Array<ArrayBuffer>;
}

/**
 * Calls `use` with an open file, and closes it afterwards.
 *
 * @param kind the kind of the file, for the error when it is missing
 * @throws ConfigError with the system's code when the file is missing or cannot be read
 */
export function openForSlices<Result>(path: string, use: (file: OpenFile) => Result, kind = "file"): Result {
  return opened(path, kind, (file) => {
    const read = (from: number, to: number) => readInto(file, new Uint8Array(to - from), from);
    return use({ size: fstatSync(file).size, read });
  });
}

/**
 * Reads a whole file, which may be a pipe, or a device without an end.
 *
 * @param most the largest number of bytes that are read
 * @param advice what to do about a larger file; part of the error
 * @throws ConfigError when the file is larger, missing or unreadable
 */
export function readWhole(path: string, most: number, advice: string): Buffer {
  return opened(path, "file", (file) => {
    const stats = fstatSync(file);
    const pieces: Buffer[] = [];
    let length = stats.isFile() ? stats.size : 0;
    for (let read = 0; length <= most; length = Math.max(length, read)) {
      const piece = Buffer.allocUnsafe(Math.min(PIECE, Math.max(length - read + 1, 1 << 16)));
      const bytes = readSync(file, piece);
      if (bytes === 0) return Buffer.concat(pieces);
      pieces.push(piece.subarray(0, bytes));
      read += bytes;
    }
    const message = `has more than ${most.toLocaleString("en")} bytes; ${advice}`;
    throw new ConfigError(path, [{ path: "", message }]);
  });
}

function opened<Result>(path: string, kind: string, use: (file: number) => Result): Result {
  let file: number | undefined;
  try {
    file = openSync(path, "r");
    return use(file);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (cause instanceof ConfigError || code === undefined || /^ERR_/.test(code)) throw cause;
    const message = code === "ENOENT" ? `no such ${kind}; check the path` : `cannot be read (${code})`;
    throw new ConfigError(path, [{ path: "", message }], { cause });
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** Fills an array with the bytes of a file from `position` on. */
function readInto<Bytes extends Uint8Array>(file: number, bytes: Bytes, position: number): Bytes {
  for (let at = 0; at < bytes.byteLength; ) {
    const read = readSync(file, bytes, at, Math.min(PIECE, bytes.byteLength - at), position + at);
    if (read === 0) throw Object.assign(new Error("the file became shorter"), { code: "EOF" });
    at += read;
  }
  return bytes;
}
