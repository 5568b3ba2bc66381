import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { ConfigError } from "../../base/config";
import { fromJson } from "../../base/files/atomic";
import { packageRoot, SetupError, venvPython } from "../setup";
import type { Share } from "../sweeps/placement";
import type { Point, Space } from "./space";

/** Optuna's samplers by their names on the command line. */
export const SAMPLERS = ["tpe", "random", "cmaes", "grid"] as const;
/** Optuna's pruners by their names on the command line. */
export const PRUNERS = ["median", "hyperband", "none"] as const;

/** The settings of a study, and how Optuna samples and prunes it. */
export interface StudyOptions {
  /** The file: of SQLite, or with `share` a journal. */
  storage: string;
  /** The part of the trials that this process runs, while others run the rest. Default: all. */
  share?: Share | undefined;
  direction: "minimize" | "maximize";
  metric: string;
  space: Space;
  sampler: (typeof SAMPLERS)[number];
  pruner: (typeof PRUNERS)[number];
  /** The number of trials that run to their end before the median pruner starts. */
  startup: number;
  /** The number of first epochs in which the median pruner ends no trial. */
  warmup: number;
  seed: number;
}

/** A trial that has ended. */
export interface FinishedTrial {
  number: number;
  /** `interrupted`: killed or stopped by the user; its parameters were queued again. */
  state: "completed" | "pruned" | "failed" | "interrupted";
  /** Null unless it is completed. */
  value: number | null;
  params: Point;
  seconds: number;
  /** The reported values by epoch. */
  reported: readonly (readonly [epoch: number, value: number])[];
}

/** The trials of a study, and the importance of its parameters. */
export interface Results {
  trials: readonly FinishedTrial[];
  /** The importance of each parameter. The shares add up to 1, the largest first; empty while there are too few trials. */
  importances: Readonly<Record<string, number>>;
}

/** An Optuna study in a Python process, controlled through its ask-and-tell interface. */
export class Study {
  /** The number of trials that earlier calls (of the same part) finished; interrupted ones do not count. */
  finished = 0;
  /** The number of points of a grid; infinite with other samplers. */
  points = Number.POSITIVE_INFINITY;
  private readonly child: ChildProcess;
  private readonly answers: AsyncIterator<string>;
  private readonly lines: Interface;
  private errors = "";
  private queue: Promise<unknown> = Promise.resolve();

  private constructor(project: string, options: StudyOptions) {
    const script = join(packageRoot(), "kernel", "optuna_study.py");
    this.child = spawn(venvPython(project), ["-I", script, JSON.stringify(options)], {
      // The study gets its own process group: Ctrl-C is meant for the trials, and the study ends when its input is
      // closed.
      detached: true,
    });
    this.lines = createInterface({ input: this.child.stdout! });
    this.answers = this.lines[Symbol.asyncIterator]();
    // Errors of a process that has ended are reported where its answer is missing.
    this.child.stdin!.on("error", () => {});
    this.child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      this.errors = (this.errors + text).slice(-4000);
    });
  }

  /**
   * Opens the study in `storage`, or creates it. Trials that were running when an earlier process (of the same part) was
   * killed are marked as failed, and their parameters are queued again.
   *
   * @throws ConfigError when the file holds another study: of another metric, direction, space or number of parts
   */
  static async open(project: string, options: StudyOptions): Promise<Study> {
    const study = new Study(project, options);
    const opened = await study.read<{ finished: number; points: number | null; problem?: string }>();
    const { finished, points, problem } = opened;
    if (problem) {
      await study.close();
      throw new ConfigError(options.storage, [{ path: "", message: problem }]);
    }
    study.finished = finished;
    study.points = points ?? study.points;
    return study;
  }

  /** Returns the next trial; undefined when a grid has no more points. */
  async ask(): Promise<{ number: number; params: Point } | undefined> {
    const { exhausted, ...trial } = await this.request<{ exhausted?: true; number: number; params: Point }>(
      "ask",
    );
    return exhausted ? undefined : trial;
  }

  /** Reports an epoch's value. @returns whether Optuna's pruner ends the trial */
  async report(number: number, step: number, value: number): Promise<boolean> {
    const { prune } = await this.request<{ prune: boolean }>("report", { number, step, value });
    return prune;
  }

  /** Ends a trial. */
  async tell(number: number, state: "completed" | "pruned" | "failed", value?: number): Promise<void> {
    await this.request("tell", { number, state, value });
  }

  /** Abandons a trial that was interrupted: a resumed search starts with its parameters. */
  async again(number: number): Promise<void> {
    await this.request("again", { number });
  }

  async results(): Promise<Results> {
    return this.request("results");
  }

  async close(): Promise<void> {
    this.child.stdin!.end();
    if (this.child.exitCode === null) await once(this.child, "exit");
    this.lines.close();
  }

  /** Sends one request at a time: answers arrive in the order of the requests. */
  private async request<T>(what: string, given: object = {}): Promise<T> {
    const answer = this.queue.then(async () => {
      this.child.stdin!.write(`${JSON.stringify({ do: what, ...given })}\n`);
      return this.read<T>();
    });
    this.queue = answer.catch(() => {});
    return answer;
  }

  /** @throws SetupError when the process has ended */
  private async read<T>(): Promise<T> {
    const { value, done } = await this.answers.next();
    const answer = done ? undefined : fromJson<T>(value);
    if (answer) return answer;
    throw new SetupError(`Optuna's process ended: ${this.errors.trim().split("\n").at(-1) || value}`);
  }
}
