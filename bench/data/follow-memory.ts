import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { startThread } from "../../lib/base/thread/start-thread";
import { ownMemory } from "./peak-thread";

/** Follows the memory of the process. Calling `peak` stops and returns the peak above the initial memory. */
export async function followMemory(): Promise<{ base: number; peak: () => Promise<number> }> {
  const peak = new Float64Array(new SharedArrayBuffer(8));
  const thread = startThread(join(__dirname, "peak-thread"), { workerData: { peak: peak.buffer } });
  while (peak[0] === 0) await setTimeout(5);
  // Garbage from the start would otherwise be freed during loading and hide the memory that the sessions take.
  globalThis.gc?.();
  const base = ownMemory();
  peak[0] = base;
  return {
    base,
    peak: async () => {
      await thread.terminate();
      return Math.max(peak[0]!, ownMemory()) - base;
    },
  };
}
