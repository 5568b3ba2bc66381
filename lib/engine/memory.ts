import { totalmem } from "node:os";
import { engineSettings } from "./context";
import { OutOfMemoryError } from "./errors";

/** The bytes that tensors and compiled functions may take: the user's limit, or what the machine or its container has. */
export function memoryLimit(): number {
  machineMemory ??= readMachineMemory();
  return engineSettings().memoryLimit ?? machineMemory;
}

/** Read once: every tensor that is made is checked against it, and the container's limit is in a file. */
let machineMemory: number | undefined;

function readMachineMemory(): number {
  const constrained = process.constrainedMemory?.() ?? 0;
  return Math.min(totalmem(), constrained > 0 ? constrained : Number.POSITIVE_INFINITY);
}

/**
 * @param live bytes of the tensors that there are
 * @param advice what to do; by default, to dispose
 * @throws OutOfMemoryError when `asked` bytes more are over the limit
 */
export function requireMemory(what: string, asked: number, live: number, advice?: () => string): void {
  const limit = memoryLimit();
  if (live + asked <= limit) return;
  throw new OutOfMemoryError(what, `${outOfMemory(asked, live, limit)} ${advice?.() ?? DISPOSE}`);
}

const DISPOSE =
  "Dispose of tensors that are not needed any more, or raise `memoryLimit` with configureEngine.";

const outOfMemory = (asked: number, live: number, limit: number) =>
  `${bytesInWords(asked)} were asked for, ${bytesInWords(live)} of tensors are live, and ${bytesInWords(limit)} may be used.`;

/** Bytes in the unit that makes them readable, such as `1.5 GB`. */
export function bytesInWords(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  const i = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  return `${Number((bytes / 1000 ** i).toPrecision(3))} ${units[i]}`;
}
