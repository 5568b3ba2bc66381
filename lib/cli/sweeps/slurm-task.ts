import { existsSync, readFileSync } from "node:fs";
import { fromJson } from "../../base/files/atomic";
import { type Ended, LastLines, type LaunchOptions } from "../setup";
import type { ArrayTask } from "./array-task";
import { LineTail } from "./line-tail";
import { NotStarted } from "./queue";
import { cancel, interrupt, type Queued, stateOf } from "./slurm";

/** A program that a caller wants to run as a task. */
export interface TaskRequest extends ArrayTask {
  readonly options: LaunchOptions;
  resolve(ended: Ended): void;
  reject(error: unknown): void;
}

/** A task that the queue lacks this often is lost: its files may appear later than its end in the queue. */
const LOST_AFTER = 3;

/** A task that was submitted to SLURM. It is followed by the files that it writes and by the queue. */
export class SlurmTask {
  private begun = false;
  private cancelled = false;
  /** The number of looks at the queue that did not find the task. */
  private missed = 0;
  private readonly lines = new LastLines();
  private readonly tail: LineTail;

  /**
   * @param id the number for SLURM's commands, such as `12_3`
   * @param path the path of its files without the suffix
   */
  constructor(
    readonly id: string,
    private readonly path: string,
    private readonly request: TaskRequest,
  ) {
    this.tail = new LineTail(`${path}.log`, (line) => {
      this.lines.add(line);
      request.options.onLine?.(line);
    });
    request.options.signal?.addEventListener("abort", () => this.interrupt());
  }

  /** The number of the array's job. */
  get job(): string {
    return this.id.split("_")[0]!;
  }

  /** Removes the task from the queue if it has not begun. */
  cancelPending(): void {
    if (this.begun) return;
    this.cancelled = true;
    cancel(this.id);
  }

  /** Asks the task to end, as Ctrl-C does. */
  interrupt(): void {
    if (this.begun) interrupt(this.id);
    else this.cancelPending();
  }

  /**
   * Reports what the task has written, and its end.
   *
   * @param queued the tasks in the queue; undefined when nobody asked, or SLURM did not answer
   * @returns whether the task has ended
   */
  look(queued: Queued | undefined): boolean {
    const { path, request, tail } = this;
    if (!this.begun && existsSync(`${path}.log`)) {
      this.begun = true;
      request.options.onStart?.();
    }
    // The end is read before the lines, which the task has written by then.
    const end = existsSync(`${path}.end`)
      ? fromJson<{ code: number }>(readFileSync(`${path}.end`, "utf8"))
      : undefined;
    tail.read();
    if (end) request.resolve({ code: end.code, output: this.lines.text });
    else if (queued) this.missed = queued.has(this.id) ? 0 : this.missed + 1;
    const isLost = this.missed >= LOST_AFTER;
    if (isLost) this.lose();
    return end !== undefined || isLost;
  }

  private lose(): void {
    if (this.cancelled) {
      this.request.reject(new NotStarted());
      return;
    }
    this.lines.add(`SLURM ended task ${this.id}: ${stateOf(this.id) ?? "it is not in the queue"}`);
    this.request.resolve({ code: 1, output: this.lines.text });
  }
}
