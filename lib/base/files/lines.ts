import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** The number of bytes of one read. */
const PIECE = 1 << 20;

/** The longest line that is returned whole, in bytes. Longer lines are truncated, so that no file can fill the memory. */
const LONGEST_LINE = 1 << 26;

const NEWLINE = 10;

/**
 * Reads a text file of any size line by line, in pieces of one megabyte. Lines are UTF-8, end in `\n` or `\r\n`, and are returned without
 * the line ending. Empty lines are returned too. The last line may lack a line ending.
 *
 * @throws the system's error when the file cannot be opened or read
 */
export function* readLines(path: string): Generator<string, void> {
  const file = openSync(path, "r");
  try {
    const buffer = Buffer.allocUnsafe(PIECE);
    const line = new OpenLine();
    for (;;) {
      const size = readSync(file, buffer, 0, PIECE, null);
      if (size === 0) break;
      const piece = buffer.subarray(0, size);
      let start = 0;
      for (let end = piece.indexOf(NEWLINE); end >= 0; end = piece.indexOf(NEWLINE, start)) {
        line.add(piece.subarray(start, end));
        yield line.end();
        start = end + 1;
      }
      // Copied, because the buffer is reused.
      line.add(Buffer.from(piece.subarray(start, start + line.room)));
    }
    if (!line.empty) yield line.end();
  } finally {
    closeSync(file);
  }
}

/** The pieces of a line whose end has not been read yet. */
class OpenLine {
  private parts: Buffer[] = [];
  private bytes = 0;

  get empty(): boolean {
    return this.bytes === 0;
  }

  /** The number of bytes that still fit into the line. */
  get room(): number {
    return LONGEST_LINE - this.bytes;
  }

  add(part: Buffer): void {
    const kept = part.subarray(0, this.room);
    if (kept.length === 0) return;
    this.parts.push(kept);
    this.bytes += kept.length;
  }

  end(): string {
    const whole = this.parts.length === 1 ? this.parts[0]! : Buffer.concat(this.parts);
    const end = whole.at(-1) === 13 ? whole.length - 1 : whole.length;
    [this.parts, this.bytes] = [[], 0];
    return whole.toString("utf8", 0, end);
  }
}

/** The number of leading bytes that identify a file: a file that replaced it may have the same inode number. */
const HEAD = 64;

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
