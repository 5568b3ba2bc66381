import { closeSync, openSync, readSync } from "node:fs";

/** The number of bytes of one read. */
const PIECE = 1 << 20;

/** The longest line that is returned whole, in bytes. Longer lines are truncated, so that no file can fill the memory. */
export const LONGEST_LINE = 1 << 26;

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
