import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { ConfigError } from "../../base/config";
import { fromJson } from "../../base/files/atomic";
import { makeFolder } from "../../base/files/folder";
import { type Ended, LastLines, type Launch, type LaunchOptions } from "../setup";
import type { ArrayTask } from "./array-task";
import { LineTail } from "./line-tail";
import { NotStarted } from "./queue";
import { cancel, interrupt, queuedOf, sbatch, stateOf } from "./slurm";

/** The options of `SlurmArrays`. */
export interface SlurmOptions {
  /** The folder of the batch, on a file system that the nodes share. */
  readonly folder: string;
  /** Options of sbatch, such as `--partition=gpu`. */
  readonly sbatch: readonly string[];
  /** The number of tasks that SLURM runs at a time. Default: no limit. */
  readonly parallelism?: number;
}

interface Task extends ArrayTask {
  readonly options: LaunchOptions;
  resolve(ended: Ended): void;
  reject(error: unknown): void;
}

/** A task that was submitted. */
interface Submitted extends Task {
  /** The number for SLURM's commands, such as `12_3`. */
  readonly id: string;
  /** The path of its files without the suffix. */
  readonly path: string;
  readonly lines: LastLines;
  readonly tail: LineTail;
  begun: boolean;
  /** The number of looks at the queue that did not find the task. */
  missed: number;
}

/** The milliseconds in which requests are gathered into one array, and between looks at the files and at the queue. */
const GATHER = 300;
const LOOK_EVERY = 500;
const ASK_EVERY = 5000;
/** A task that the queue lacks this often is lost: its files may appear later than its end in the queue. */
const LOST_AFTER = 3;

/**
 * Runs programs as tasks of SLURM's job arrays, with the interface of `runChild`. Programs that are requested at the same time become one
 * array. A task of a lost node is started again by SLURM, without the others.
 */
export class SlurmArrays {
  private waiting: Task[] = [];
  private readonly running = new Set<Submitted>();
  private readonly root: string;
  private gathering: NodeJS.Timeout | undefined;
  private looking: NodeJS.Timeout | undefined;
  private asked = Date.now();
  private cancelled = false;

  /** @throws ConfigError when tasks of an earlier batch in the folder are still in the queue */
  constructor(private readonly options: SlurmOptions) {
    this.root = join(options.folder, "slurm");
    makeFolder(this.root);
    const earlier = readdirSync(this.root).map((name) => join(this.root, name, "job"));
    const jobs = earlier.filter((file) => existsSync(file)).map((file) => readFileSync(file, "utf8"));
    const queued = jobs.filter((job) => queuedOf([job])?.size);
    if (queued.length === 0) return;
    const message = `tasks of an earlier batch are still in SLURM's queue; wait for them, or end them by scancel ${queued.join(" ")}`;
    throw new ConfigError(options.folder, [{ path: "", message }]);
  }

  /** Runs a program as a task. @throws NotStarted when the batch ended before the task began */
  readonly run: Launch = (command, args, options = {}) => {
    const { env = process.env, cwd = process.cwd() } = options;
    const own = Object.entries(env).filter(([name, value]) => process.env[name] !== value);
    return new Promise((resolve, reject) => {
      this.waiting.push({
        ...{ command, args, cwd, env: Object.fromEntries(own) },
        ...{ options, resolve, reject },
      });
      this.gathering ??= setTimeout(() => this.submit(), GATHER);
    });
  };

  /** Removes the tasks that have not begun from the queue. */
  cancelPending(): void {
    this.cancelled = true;
    for (const task of this.running) if (!task.begun) cancel(task.id);
  }

  /** Asks all tasks to end, as Ctrl-C does. */
  interrupt(): void {
    this.cancelPending();
    for (const task of this.running) if (task.begun) interrupt(task.id);
  }

  private submit(): void {
    const tasks = this.waiting.splice(0);
    this.gathering = undefined;
    try {
      const folder = mkdtempSync(join(this.root, "array-"));
      for (const [i, { command, args, cwd, env }] of tasks.entries())
        writeFileSync(join(folder, `${i}.json`), JSON.stringify({ command, args, cwd, env }));
      const job = this.sbatch(folder, tasks.length);
      writeFileSync(join(folder, "job"), job);
      for (const [i, task] of tasks.entries()) this.follow(task, `${job}_${i}`, join(folder, String(i)));
      this.looking ??= setInterval(() => this.look(), LOOK_EVERY);
    } catch (error) {
      for (const task of tasks) task.reject(error);
    }
  }

  /** @returns the number of the array's job */
  private sbatch(folder: string, count: number): string {
    const { sbatch: options, parallelism } = this.options;
    const program = join(__dirname, `array-task${extname(__filename)}`);
    const limit = parallelism === undefined ? "" : `%${parallelism}`;
    const args = [
      ...[`--array=0-${count - 1}${limit}`, "--job-name=gradbook", "--requeue"],
      ...["--open-mode=append", `--output=${join(folder, "%a.log")}`, ...options],
    ];
    return sbatch(args, [process.execPath, ...process.execArgv, program, folder]);
  }

  private follow(task: Task, id: string, path: string): void {
    const lines = new LastLines();
    const tail = new LineTail(`${path}.log`, (line) => {
      lines.add(line);
      task.options.onLine?.(line);
    });
    const submitted: Submitted = { ...task, id, path, lines, tail, begun: false, missed: 0 };
    this.running.add(submitted);
    task.options.signal?.addEventListener("abort", () => (submitted.begun ? interrupt(id) : cancel(id)));
  }

  private look(): void {
    const asks = Date.now() - this.asked > ASK_EVERY;
    const queued = asks
      ? queuedOf([...new Set([...this.running].map(({ id }) => id.split("_")[0]!))])
      : undefined;
    if (asks) this.asked = Date.now();
    for (const task of this.running) {
      if (!task.begun && existsSync(`${task.path}.log`)) {
        task.begun = true;
        task.options.onStart?.();
      }
      task.tail.read();
      const end = existsSync(`${task.path}.end`)
        ? fromJson<{ code: number }>(readFileSync(`${task.path}.end`, "utf8"))
        : undefined;
      if (end) this.finish(task, end.code);
      else if (queued) {
        task.missed = queued.has(task.id) ? 0 : task.missed + 1;
        if (task.missed >= LOST_AFTER) this.lose(task);
      }
    }
    if (this.running.size > 0) return;
    clearInterval(this.looking);
    this.looking = undefined;
  }

  private finish(task: Submitted, code: number): void {
    task.tail.read();
    this.running.delete(task);
    task.resolve({ code, output: task.lines.text });
  }

  private lose(task: Submitted): void {
    this.running.delete(task);
    if (!task.begun && this.cancelled) {
      task.reject(new NotStarted());
      return;
    }
    task.lines.add(`SLURM ended task ${task.id}: ${stateOf(task.id) ?? "it is not in the queue"}`);
    task.resolve({ code: 1, output: task.lines.text });
  }
}
