import { readFileSync } from "node:fs";
import { workerData } from "node:worker_threads";

/**
 * Returns the memory that this process allocated itself, in bytes (Linux), including swapped memory. Mapped files such
 * as libraries are not counted, because the system loads and evicts their pages while the process runs.
 */
export const ownMemory = (): number => allocated("self");

/** Returns the memory that a process allocated itself, as `ownMemory`; undefined when it has ended. */
export function memoryOf(pid: number): number | undefined {
  try {
    return allocated(String(pid));
  } catch {
    return undefined;
  }
}

function allocated(pid: string): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const of = (name: string) => Number(status.match(new RegExp(`${name}:\\s+(\\d+) kB`))![1]) * 1024;
  return of("RssAnon") + of("RssShmem") + of("VmSwap");
}

/** As a thread, writes the maximum since its start into its only number, every two milliseconds. */
if (workerData?.peak) {
  const peak = new Float64Array(workerData.peak);
  const never = new Int32Array(new SharedArrayBuffer(4));
  for (;;) {
    peak[0] = Math.max(peak[0]!, ownMemory());
    Atomics.wait(never, 0, 0, 2);
  }
}
