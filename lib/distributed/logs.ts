import { closeSync, fstatSync, openSync, readSync } from "node:fs";
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
