import { logOf, tailOf } from "./logs";

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
