import { closeSync, fstatSync, openSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";

/** Returns the path of a rank's log. */
export const logOf = (folder: string, rank: number): string => join(folder, `rank-${rank}.log`);

const TAIL_LINES = 20;
const TAIL_BYTES = 16_384;

/** Returns the last lines of a log; empty when there is none. */
export function tailOf(path: string): string[] {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch {
    return [];
  }
  try {
    const { size } = fstatSync(file);
    const bytes = Buffer.alloc(Math.min(size, TAIL_BYTES));
    readSync(file, bytes, 0, bytes.length, size - bytes.length);
    return bytes
      .toString()
      .split("\n")
      .filter((line) => line.trim() !== "")
      .slice(-TAIL_LINES);
  } finally {
    closeSync(file);
  }
}

/** A file that takes what a rank prints. A full disk costs lines, with a warning, and does not end the training. */
export class RankLog {
  /** The file's descriptor, which a process may write to. */
  readonly file: number;
  /** Whether the last write failed. */
  private failing = false;

  /** @throws the system's error when the file cannot be made */
  constructor(private readonly path: string) {
    this.file = openSync(path, "w");
  }

  write(text: string | Buffer): void {
    try {
      writeSync(this.file, text as string);
      this.failing = false;
    } catch (error) {
      if (!this.failing) console.warn(`${this.path}: lines are lost (${(error as Error).message})`);
      this.failing = true;
    }
  }

  close(): void {
    closeSync(this.file);
  }
}
