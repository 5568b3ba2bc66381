import { readFileSync } from "node:fs";
import { workerData } from "node:worker_threads";

/**
 * What the process allocated itself, in bytes (Linux), swapped out or not. Of mapped files, such as libraries, the system
 * takes parts away and brings others in while the process runs: they are not counted.
 */
export function ownMemory(): number {
  const status = readFileSync("/proc/self/status", "utf8");
  const of = (name: string) => Number(status.match(new RegExp(`${name}:\\s+(\\d+) kB`))![1]) * 1024;
  return of("RssAnon") + of("RssShmem") + of("VmSwap");
}

/** As a thread it writes the most that there was since it began to its only number, every two milliseconds. */
if (workerData?.peak) {
  const peak = new Float64Array(workerData.peak);
  const never = new Int32Array(new SharedArrayBuffer(4));
  for (;;) {
    peak[0] = Math.max(peak[0]!, ownMemory());
    Atomics.wait(never, 0, 0, 2);
  }
}
