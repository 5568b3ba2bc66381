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

/** The reason why processes that train together cannot continue. */
export interface Fault {
  /** The rank that failed first. */
  readonly rank: number;
  readonly message: string;
  /** The stack of an error that the rank threw. */
  readonly stack?: string;
}

/** An error for processes that train together and ended because one of them could not continue. */
export class LaunchError extends Error {
  override readonly name = "LaunchError";
  /** The rank that failed first. */
  readonly rank: number;
  /** The output of that rank. */
  readonly log: string;

  constructor(fault: Fault, worldSize: number, logs: string) {
    const log = logOf(logs, fault.rank);
    const tail = tailOf(log);
    const shown =
      tail.length > 0 ? [`The end of its log, ${log}:`, ...tail.map((line) => `  | ${line}`)] : [];
    super([`Rank ${fault.rank} of ${worldSize} ended the training: ${fault.message}`, ...shown].join("\n"));
    this.rank = fault.rank;
    this.log = log;
    // The rank's stack is useful; the stack of this process is not.
    if (fault.stack) this.stack = `${this.name}: ${this.message}\n${fault.stack}`;
  }

  /** Appends advice as the last line of the message. */
  advise(what: string): this {
    this.message += `\n${what}`;
    return this;
  }
}
