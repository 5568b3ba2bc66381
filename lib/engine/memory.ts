import { totalmem } from "node:os";
import { engineSettings } from "./context";
import { OutOfMemoryError } from "./errors";

/** Returns the memory limit of tensors and compiled functions in bytes: the user's limit, or the memory of the machine or its container. */
export function memoryLimit(): number {
  machineMemory ??= readMachineMemory();
  return engineSettings().memoryLimit ?? machineMemory;
}

/** Cached, because every new tensor is checked against it and the container's limit has to be read from a file. */
let machineMemory: number | undefined;

function readMachineMemory(): number {
  const constrained = process.constrainedMemory?.() ?? 0;
  return Math.min(totalmem(), constrained > 0 ? constrained : Number.POSITIVE_INFINITY);
}

/**
 * Checks that `asked` more bytes fit into the memory limit.
 *
 * @param live the bytes of all live tensors
 * @param advice returns what to do; default: dispose of tensors
 * @throws OutOfMemoryError when they exceed the limit
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

/** Formats bytes in a readable unit, such as `1.5 GB`. */
export function bytesInWords(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  const i = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  return `${Number((bytes / 1000 ** i).toPrecision(3))} ${units[i]}`;
}
