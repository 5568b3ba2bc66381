import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";

const running = new Set<ChildProcess>();

/** The result of a child process. */
export interface Ended {
  /** The exit status; null when a signal ended the process. */
  code: number | null;
  /** The last 400 lines of its output on both streams. */
  output: string;
}

const MOST_LINES = 400;

/** The last 400 lines of a program's output. */
export class LastLines {
  private readonly lines: string[] = [];

  add(line: string): void {
    this.lines.push(line);
    if (this.lines.length > MOST_LINES) this.lines.shift();
  }

  get text(): string {
    return this.lines.join("\n");
  }
}

/** The options of a program that runs to its end. */
export interface LaunchOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Called when the program begins. */
  onStart?: () => void;
  /** Receives each line of its standard output when it is written. */
  onLine?: (line: string) => void;
  /** Receives each line of its error output. */
  onErrorLine?: (line: string) => void;
  /** Asks the program to end, as Ctrl-C would, and kills it after 8 s. */
  signal?: AbortSignal;
}

/** Runs a program to its end, on this machine or on another one. */
export type Launch = (command: string, args: readonly string[], options?: LaunchOptions) => Promise<Ended>;

/**
 * Runs a program to its end on this machine, without a shell and without input.
 *
 * @throws the spawn error (`code: "ENOENT"`) when there is no such program
 */
export const runChild: Launch = (command, args, options = {}) => {
  return new Promise((resolve, reject) => {
    const child = startChild(command, args, options);
    child.stdin.end();
    options.onStart?.();
    const stop = () => void end(child);
    options.signal?.addEventListener("abort", stop);
    const lines = new LastLines();
    createInterface({ input: child.stdout }).on("line", (line) => {
      lines.add(line);
      options.onLine?.(line);
    });
    createInterface({ input: child.stderr }).on("line", (line) => {
      lines.add(line);
      options.onErrorLine?.(line);
    });
    child.on("error", reject);
    child.on("close", (code) => {
      options.signal?.removeEventListener("abort", stop);
      resolve({ code, output: lines.text });
    });
  });
};

/** Starts a program that `endChildren` ends. */
export function startChild(
  command: string,
  args: readonly string[],
  { cwd, env }: Pick<LaunchOptions, "cwd" | "env">,
): ChildProcessWithoutNullStreams {
  // A separate process group: Ctrl-C in the terminal then reaches this process alone, which ends its children in
  // order (see `endChildren`).
  const child = spawn(command, args, { cwd, env, stdio: "pipe", detached: true });
  // The program may end before it reads its input.
  child.stdin.on("error", () => {});
  running.add(child);
  child.on("error", () => running.delete(child));
  child.on("close", () => running.delete(child));
  return child;
}

const GRACE_MS = 8000;

/** Asks every running child to end, and kills it after `graceMs`. */
export async function endChildren(graceMs = GRACE_MS): Promise<void> {
  await Promise.all([...running].map((child) => end(child, graceMs)));
}

async function end(child: ChildProcess, graceMs = GRACE_MS): Promise<void> {
  const ended = new Promise((resolve) => child.once("close", resolve));
  signal(child, "SIGINT");
  const timer = setTimeout(() => signal(child, "SIGKILL"), graceMs);
  await ended;
  clearTimeout(timer);
}

function signal(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null) return;
  try {
    process.kill(-child.pid, name);
  } catch {
    // The child has already ended.
  }
}
