import { type ChildProcess, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { writing } from "../base/files/atomic";
import { makeFolder } from "../base/files/folder";
import type { Allotment } from "./devices";
import { type Fault, LaunchError, logOf, RankLog, tailOf } from "./logs";
import { LOOPBACK, newKey } from "./meeting";
import { RendezvousServer } from "./rendezvous-server";

/** A function of a module. Each worker calls it with its rendezvous client and the data. */
export interface Program {
  /** The module's file. */
  readonly module: string;
  /** The name of the exported function, `(client: RendezvousClient, data: unknown) => Promise<unknown>`. */
  readonly name: string;
}

/** The options of `Supervisor`. */
export interface SuperviseOptions {
  readonly program: Program;
  /** The data for the program; must be serializable as JSON. */
  readonly data: unknown;
  readonly allotment: Allotment;
  /** The folder of each rank's log, `rank-<n>.log`. */
  readonly logs: string;
  /** Seconds without progress after which a worker counts as hung. */
  readonly watchdog: number;
  /** Called with a message that a rank sends by `RendezvousClient.tell`. */
  onTell?(rank: number, what: unknown): void;
}

/** The seconds within which all workers must have started. */
const JOIN_TIMEOUT = 120;
/** The milliseconds that workers have to exit after a fault. */
const GRACE = 2000;
const LAST_WORDS = 100;

/** Starts one process per device and supervises them until the last has ended. It does not compute anything itself. */
export class Supervisor {
  private readonly server: RendezvousServer;
  private readonly children: ChildProcess[] = [];
  private readonly key = newKey();
  private fault: Fault | undefined;
  private result: unknown;
  private readonly worldSize: number;

  constructor(private readonly options: SuperviseOptions) {
    this.worldSize = options.allotment.gpus.length;
    this.server = new RendezvousServer({
      worldSize: this.worldSize,
      address: LOOPBACK,
      port: 0,
      key: this.key,
      watchdog: options.watchdog,
      joinTimeout: JOIN_TIMEOUT,
      onFault: (fault) => this.failed(fault),
      onTell: (rank, what) => this.hear(rank, what),
    });
  }

  /**
   * Runs the program in all workers.
   *
   * @returns what the program of rank 0 returned
   * @throws LaunchError when a worker died, threw, hung or did not start; all processes have ended by then
   */
  async run(): Promise<unknown> {
    const { logs, program, data } = this.options;
    makeFolder(logs);
    const job = join(logs, "job.json");
    writing(logs, () => writeFileSync(job, JSON.stringify({ program, data })));
    try {
      const port = await this.server.listen();
      await Promise.all(Array.from({ length: this.worldSize }, (_, rank) => this.start(rank, port, job)));
    } finally {
      this.server.close();
    }
    if (this.fault) throw new LaunchError(this.fault, this.worldSize, logs);
    return this.result;
  }

  /** Asks all workers to stop at the same batch, save and return. */
  stop(reason: string): void {
    this.server.stop(reason);
  }

  /** Ends all workers at once. */
  kill(): void {
    for (const child of this.children) child.kill("SIGKILL");
  }

  /** Runs a worker. The promise resolves when its process has ended. */
  private async start(rank: number, port: number, job: string): Promise<void> {
    const { logs } = this.options;
    const log = writing(logs, () => new RankLog(logOf(logs, rank)));
    // The output of rank 0 is also shown; that of the others goes only to the file.
    const output = rank === 0 ? "pipe" : log.file;
    const child = spawn(
      process.execPath,
      [YOUNG_HEAP, ...loaderOf(__filename), join(__dirname, `worker${extname(__filename)}`)],
      {
        env: { ...process.env, ...this.environment(rank, port), GRADBOOK_JOB: job, GRADBOOK_KEY: this.key },
        stdio: ["ignore", output, output],
        // Outside the terminal's foreground group: only the supervisor gets Ctrl-C, and it stops all workers at the same batch.
        detached: true,
      },
    );
    this.children.push(child);
    const { gpus, cores } = this.options.allotment;
    const device = gpus[rank] === undefined ? `${cores[rank]} of the processor's cores` : `GPU ${gpus[rank]}`;
    log.write(`rank ${rank} of ${this.worldSize}, process ${child.pid}, on ${device}\n`);
    child.stdout?.on("data", (text: Buffer) => {
      log.write(text);
      process.stdout.write(text);
    });
    child.stderr?.on("data", (text: Buffer) => {
      log.write(text);
      process.stderr.write(text);
    });
    return new Promise((resolve) => {
      child.once("error", ({ message }) => this.server.fault({ rank, message }));
      child.once("close", (code, signal) => {
        log.close();
        const ended = () => {
          if (code !== 0 || this.server.isNeeded(rank))
            this.server.fault({ rank, message: this.howEnded(rank, code, signal) });
          resolve();
        };
        // Its last messages may not have arrived yet.
        setTimeout(ended, code === 0 ? LAST_WORDS : 0);
      });
    });
  }

  private howEnded(rank: number, code: number | null, signal: NodeJS.Signals | null): string {
    if (signal === "SIGKILL")
      return "its process was killed (SIGKILL), as the system does when memory runs out (see `dmesg`): give a smaller batchSize or fewer devices";
    if (signal) return `its process was ended by ${signal}`;
    const error = tailOf(logOf(this.options.logs, rank)).findLast((line) => /^\w*Error\b/.test(line));
    return error ?? `its process ended with exit code ${code}`;
  }

  private environment(rank: number, port: number): NodeJS.ProcessEnv {
    const { gpus, cores } = this.options.allotment;
    const gpu = gpus[rank];
    const visible = process.env.CUDA_VISIBLE_DEVICES?.split(",");
    const threads = {
      TF_NUM_INTRAOP_THREADS: String(cores[rank]),
      TF_NUM_INTEROP_THREADS: String(cores[rank]),
    };
    return {
      RANK: String(rank),
      LOCAL_RANK: String(rank),
      WORLD_SIZE: String(this.worldSize),
      LOCAL_WORLD_SIZE: String(this.worldSize),
      MASTER_ADDR: LOOPBACK,
      MASTER_PORT: String(port),
      // glibc's malloc has a heap for each of a process's many threads otherwise. Two heaps need about 30 MB less; tensors are elsewhere.
      MALLOC_ARENA_MAX: process.env.MALLOC_ARENA_MAX ?? "2",
      // NCCL's connections stay on this machine, like TensorFlow's.
      NCCL_SOCKET_IFNAME: process.env.NCCL_SOCKET_IFNAME ?? "lo",
      CUDA_VISIBLE_DEVICES: gpu === undefined ? "-1" : (visible?.[gpu] ?? String(gpu)),
      ...(gpu === undefined ? threads : {}),
    };
  }

  private hear(rank: number, what: unknown): void {
    if (typeof what === "object" && what && "programResult" in what) {
      if (rank === 0) this.result = what.programResult;
    } else this.options.onTell?.(rank, what);
  }

  /** Handles a fault. The rendezvous server has asked all workers to end; those that do not respond are killed. */
  private failed(fault: Fault): void {
    this.fault = fault;
    setTimeout(() => this.kill(), GRACE);
  }
}

/** The size in MB of V8's heap for new objects. A step makes few of them, so that a small heap does not cost time; Node's has 16. */
const YOUNG_HEAP = "--max-semi-space-size=2";

/** Returns the loader options of Node for a file. TypeScript sources need the loader that this process was started with. */
const loaderOf = (file: string): string[] =>
  extname(file) === ".ts" ? ["--require", require.resolve("tsx/cjs")] : [];
