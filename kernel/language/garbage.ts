import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * The amount of garbage, in bytes, that is tolerated. After a collection V8 compiles much of TypeScript's code again, because optimized code
 * depends on the shapes of objects that are gone. Collecting at 32 MB takes 10 to 20 % more processor time over a hundred small cells.
 */
const ALLOWANCE = 64 * 2 ** 20;

let live = Number.POSITIVE_INFINITY;
let collect: (() => void) | undefined;

/**
 * Collects the garbage of type checks between cells. V8 lets garbage grow with the machine's memory, and each check
 * leaves some megabytes, so that a long notebook would hold hundreds.
 */
export function collectGarbage(): void {
  const used = getHeapStatistics().used_heap_size;
  if (collect && used < live + ALLOWANCE) return;
  collect ??= collector();
  collect();
  live = getHeapStatistics().used_heap_size;
}

function collector(): () => void {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as () => void;
  // V8 refuses compiled code that was stored under other flags.
  setFlagsFromString("--no-expose-gc");
  return gc;
}
