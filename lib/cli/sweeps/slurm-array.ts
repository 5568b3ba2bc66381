import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { ConfigError } from "../../base/config";
import { makeFolder } from "../../base/files/folder";
import { type Launch, SetupError } from "../setup";
import { NotStarted } from "./queue";
import { queuedOf, requireSbatch, sbatch } from "./slurm";
import { SlurmTask, type TaskRequest } from "./slurm-task";

/** The options of `SlurmArrays`. */
export interface SlurmOptions {
  /** The folder of the batch, on a file system that the nodes share. */
  readonly folder: string;
  /** Options of sbatch, such as `--partition=gpu`. */
  readonly sbatch: readonly string[];
  /** The number of tasks that SLURM runs at a time. Default: no limit. */
  readonly parallelism?: number;
}

/** The milliseconds in which requests are gathered into one array, and between looks at the files and at the queue. */
const GATHER = 300;
const LOOK_EVERY = 500;
const ASK_EVERY = 5000;

/**
 * Runs programs as tasks of SLURM's job arrays, with the interface of `runChild`. Programs that are requested at the same time become one
 * array. A task of a lost node is started again by SLURM, without the others.
 */
export class SlurmArrays {
  /** Receives the reason why SLURM keeps tasks waiting or refuses them for now, when it changes. */
  onNotice: (text: string) => void = console.error;
  private readonly waiting: TaskRequest[] = [];
  private readonly running = new Set<SlurmTask>();
  private readonly root: string;
  private gathering: NodeJS.Timeout | undefined;
  private looking: NodeJS.Timeout | undefined;
  private asked = Date.now();
  private notice = "";

  /**
   * @throws SetupError when this host has no sbatch
   * @throws ConfigError when tasks of an earlier batch in the folder are still in the queue
   */
  constructor(private readonly options: SlurmOptions) {
    requireSbatch();
    this.root = join(options.folder, "slurm");
    makeFolder(this.root);
    const earlier = readdirSync(this.root).map((name) => join(this.root, name, "job"));
    const jobs = earlier.filter((file) => existsSync(file)).map((file) => readFileSync(file, "utf8"));
    const queued = jobs.filter((job) => queuedOf([job])?.size);
    if (queued.length === 0) return;
    const message = `tasks of an earlier batch are still in SLURM's queue; wait for them, or end them by scancel ${queued.join(" ")}`;
    throw new ConfigError(options.folder, [{ path: "", message }]);
  }

  /** Runs a program as a task. @throws NotStarted when the batch ended before the task began, or SLURM refused it */
  readonly run: Launch = (command, args, options = {}) => {
    const { env = process.env, cwd = process.cwd() } = options;
    const own = Object.entries(env).filter(([name, value]) => process.env[name] !== value);
    return new Promise((resolve, reject) => {
      this.waiting.push({
        command,
        args,
        cwd,
        env: Object.fromEntries(own),
        options,
        resolve,
        reject,
      });
      this.gathering ??= setTimeout(() => this.submit(), GATHER);
    });
  };

  /** Removes the tasks that have not begun from the queue. */
  cancelPending(): void {
    for (const { reject } of this.takeWaiting()) reject(new NotStarted());
    for (const task of this.running) task.cancelPending();
  }

  /** Asks all tasks to end, as Ctrl-C does. */
  interrupt(): void {
    this.cancelPending();
    for (const task of this.running) task.interrupt();
  }

  private takeWaiting(): TaskRequest[] {
    clearTimeout(this.gathering);
    this.gathering = undefined;
    return this.waiting.splice(0);
  }

  private submit(): void {
    const requests = this.takeWaiting();
    let folder: string | undefined;
    try {
      folder = mkdtempSync(join(this.root, "array-"));
      for (const [i, { command, args, cwd, env }] of requests.entries())
        writeFileSync(join(folder, `${i}.json`), JSON.stringify({ command, args, cwd, env }));
      const job = this.sbatch(folder, requests.length);
      writeFileSync(join(folder, "job"), job);
      for (const [i, request] of requests.entries())
        this.running.add(new SlurmTask(`${job}_${i}`, join(folder, String(i)), request));
      this.looking ??= setInterval(() => this.look(), LOOK_EVERY);
    } catch (error) {
      if (folder) rmSync(folder, { recursive: true });
      if (error instanceof SetupError) this.postpone(requests, error.message);
      else for (const { reject } of requests) reject(error);
    }
  }

  /** Submits refused programs later if tasks are running, because limits of a user's tasks end with them. Otherwise gives up. */
  private postpone(requests: readonly TaskRequest[], reason: string): void {
    if (this.running.size === 0) {
      for (const { reject } of requests) reject(new NotStarted(reason));
      return;
    }
    this.notify(`${reason}\nThe task is submitted again while other tasks run.`);
    this.waiting.push(...requests);
    this.gathering ??= setTimeout(() => this.submit(), ASK_EVERY);
  }

  /** @returns the number of the array's job */
  private sbatch(folder: string, count: number): string {
    const { sbatch: options, parallelism } = this.options;
    const program = join(__dirname, `array-task${extname(__filename)}`);
    const limit = parallelism === undefined ? "" : `%${parallelism}`;
    const args = [
      `--array=0-${count - 1}${limit}`,
      "--job-name=gradbook",
      "--requeue",
      "--open-mode=append",
      `--output=${join(folder, "%a.log")}`,
      ...options,
    ];
    return sbatch(args, [process.execPath, ...process.execArgv, program, folder]);
  }

  private look(): void {
    const asks = Date.now() - this.asked > ASK_EVERY;
    const queued = asks ? queuedOf([...new Set([...this.running].map(({ job }) => job))]) : undefined;
    if (asks) this.asked = Date.now();
    const reasons = [...new Set(queued?.values())].filter(Boolean);
    if (reasons.length > 0) this.notify(`SLURM keeps tasks waiting: ${reasons.sort().join(", ")}`);
    for (const task of this.running) if (task.look(queued)) this.running.delete(task);
    if (this.running.size > 0) return;
    clearInterval(this.looking);
    this.looking = undefined;
  }

  private notify(text: string): void {
    if (text === this.notice) return;
    this.notice = text;
    this.onNotice(text);
  }
}
