import { logOf, tailOf } from "./logs";

/** Why processes that train together cannot go on. */
export interface Fault {
  /** The rank where it began. */
  readonly rank: number;
  readonly message: string;
  /** Of an error that the rank threw. */
  readonly stack?: string;
}

/** Processes that trained together ended because one of them could not go on. */
export class LaunchError extends Error {
  override readonly name = "LaunchError";
  /** Where it began. */
  readonly rank: number;
  /** What that rank printed. */
  readonly log: string;

  constructor(fault: Fault, worldSize: number, logs: string) {
    const log = logOf(logs, fault.rank);
    const tail = tailOf(log);
    const shown =
      tail.length > 0 ? [`The end of its log, ${log}:`, ...tail.map((line) => `  | ${line}`)] : [];
    super([`Rank ${fault.rank} of ${worldSize} ended the training: ${fault.message}`, ...shown].join("\n"));
    this.rank = fault.rank;
    this.log = log;
    // The place in this process's code says nothing; that of the rank does.
    if (fault.stack) this.stack = `${this.name}: ${this.message}\n${fault.stack}`;
  }

  /** The same with what to do, as its last line. */
  advise(what: string): this {
    this.message += `\n${what}`;
    return this;
  }
}
