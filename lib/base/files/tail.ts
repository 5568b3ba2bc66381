import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { LONGEST_LINE } from "./lines";

/** The number of bytes of one read. */
const PIECE = 1 << 20;

/** The number of leading bytes that identify a file: a file that replaced it may have the same inode number. */
const HEAD = 64;

const NEWLINE = 10;

/** Lines that were added to a file since the last look. */
export interface Added {
  /** Whole lines, without their ends. */
  readonly lines: readonly string[];
  /** Whether the file was replaced or truncated since the last read. Its lines are then read from the beginning. */
  readonly replaced: boolean;
  /** Whether more lines can be read immediately. */
  readonly more: boolean;
}

/** Reads the lines of a text file as it grows, and follows it when another file replaces it. A line is returned once its end is written. */
export class Tail {
  private offset = 0;
  private file: number | undefined;
  private head: Buffer | undefined;
  private piece = PIECE;

  constructor(private readonly path: string) {}

  /** Reads the added lines, at most one megabyte. A missing file has no lines. @throws the system's error when it cannot be read */
  read(): Added {
    let file: number;
    try {
      file = openSync(this.path, "r");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT")
        return { lines: [], replaced: false, more: false };
      throw error;
    }
    try {
      const replaced = this.isReplaced(file);
      if (replaced) [this.offset, this.piece] = [0, PIECE];
      return { ...this.linesFrom(file), replaced };
    } finally {
      closeSync(file);
    }
  }

  private isReplaced(file: number): boolean {
    const { ino, size } = fstatSync(file);
    const head = bytesOf(file, 0, HEAD);
    const known = this.head?.subarray(0, Math.min(this.head.length, this.offset));
    const replaced =
      known !== undefined &&
      (ino !== this.file || size < this.offset || !known.equals(head.subarray(0, known.length)));
    [this.file, this.head] = [ino, head];
    return replaced;
  }

  private linesFrom(file: number): Omit<Added, "replaced"> {
    const bytes = bytesOf(file, this.offset, this.piece);
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    const full = bytes.length === this.piece;
    if (end === 0 && full && this.piece < LONGEST_LINE) {
      this.piece *= 2;
      return { lines: [], more: true };
    }
    // An overlong line cannot be a valid record; it is skipped in pieces.
    const used = end === 0 && full ? bytes.length : end;
    this.offset += used;
    this.piece = PIECE;
    const text = bytes.toString("utf8", 0, used);
    return { lines: text.split(/\r?\n/).filter((line) => line !== ""), more: full };
  }
}

function bytesOf(file: number, position: number, most: number): Buffer {
  const bytes = Buffer.allocUnsafe(most);
  return bytes.subarray(0, readSync(file, bytes, 0, most, position));
}
