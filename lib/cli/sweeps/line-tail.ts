import { closeSync, existsSync, openSync, readSync } from "node:fs";

const PIECE = 1 << 16;

/** Reads the lines that another process appends to a file. */
export class LineTail {
  private at = 0;
  private rest = Buffer.alloc(0);

  /** @param path the file; it need not exist yet */
  constructor(
    readonly path: string,
    private readonly onLine: (line: string) => void,
  ) {}

  /** Reads the complete lines that were appended since the last call. */
  read(): void {
    if (!existsSync(this.path)) return;
    const file = openSync(this.path, "r");
    try {
      const piece = Buffer.alloc(PIECE);
      for (let size = -1; size !== 0; this.at += size) {
        size = readSync(file, piece, 0, PIECE, this.at);
        this.take(piece.subarray(0, size));
      }
    } finally {
      closeSync(file);
    }
  }

  private take(piece: Buffer): void {
    const all = Buffer.concat([this.rest, piece]);
    const end = all.lastIndexOf("\n") + 1;
    this.rest = all.subarray(end);
    if (end > 0) for (const line of all.toString("utf8", 0, end - 1).split("\n")) this.onLine(line);
  }
}
