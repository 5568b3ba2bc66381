import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

/** A line of the process that feeds inputs. */
export type Line =
  | { readonly began: number }
  | { readonly failed: number; readonly reason: string; readonly input: string }
  | { readonly done: true };

/** An input that ended in a crash, a hang, or an error that is not meant for users. */
export interface Failure {
  readonly index: number;
  readonly reason: string;
  /** The input as JSON; absent if the process died. */
  readonly input?: string;
}

/** The inputs to feed. */
export interface Plan {
  readonly seed: number;
  /** Default 0. */
  readonly first?: number;
  readonly last: number;
  /** Milliseconds that one input may take. Default 5000. */
  readonly longest?: number;
}

/** Milliseconds for loading the library and making the valid files. */
const START = 120_000;
/** The number of failures after which a family is stopped. */
const MOST_FAILURES = 100;

/**
 * Feeds the inputs `first` to `last - 1` of a seed to a family, many in one process. A process that dies or exceeds the
 * time for an input is replaced by a new one, which continues with the next input.
 */
export async function runFamily(
  family: string,
  { seed, first = 0, last, longest = 5000 }: Plan,
): Promise<Failure[]> {
  const failures: Failure[] = [];
  for (let next = first; next < last && failures.length < MOST_FAILURES; ) {
    const { at, reason } = await runChild(
      [family, ...[seed, next, last].map(String)],
      next,
      longest,
      failures,
    );
    if (reason === undefined) break;
    failures.push({ index: at, reason });
    next = at + 1;
  }
  return failures;
}

/** @returns the last input that began, and how the process ended there; no reason when it fed all inputs */
function runChild(
  words: readonly string[],
  first: number,
  longest: number,
  failures: Failure[],
): Promise<{ at: number; reason?: string }> {
  const child = spawn(process.execPath, ["--import", "tsx", join(__dirname, "child.ts"), ...words], {
    stdio: ["ignore", "ignore", "pipe", "pipe"],
    // A separate process group, so that the processes that it started end with it.
    detached: true,
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: "3" },
  });
  return new Promise((resolve) => {
    let at = first;
    let done = false;
    let hung = false;
    let complaint = "";
    const end = () => {
      hung = true;
      process.kill(-child.pid!, "SIGKILL");
    };
    let watchdog = setTimeout(end, START);
    child.stderr!.on("data", (text: Buffer) => {
      complaint = (complaint + text.toString()).slice(-2000);
    });
    const lines = createInterface({ input: child.stdio[3] as Readable });
    lines.on("line", (text) => {
      const line = JSON.parse(text) as Line;
      clearTimeout(watchdog);
      watchdog = setTimeout(end, longest);
      if ("began" in line) at = line.began;
      else if ("failed" in line)
        failures.push({ index: line.failed, reason: line.reason, input: line.input });
      else done = true;
    });
    child.on("close", (code, signal) => {
      clearTimeout(watchdog);
      if (done) resolve({ at });
      else
        resolve({
          at,
          reason: hung
            ? `no end within ${longest / 1000} s`
            : `the process ended with ${signal ?? code}: ${complaint}`,
        });
    });
  });
}
