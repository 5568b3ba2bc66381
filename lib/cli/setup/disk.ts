import { statfsSync } from "node:fs";
import { SetupError } from "./errors";

/** Bytes that this user may still write to the file system of `folder`. */
export function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/**
 * @param free bytes that are free; asked of the file system when left out
 * @throws SetupError when less than `needed` bytes are free
 */
export function requireFree(folder: string, needed: number, free = freeBytes(folder)): void {
  if (free >= needed) return;
  throw new SetupError(
    `too little disk space: ${folder} has ${gigabytes(free)} free and set-up needs ${gigabytes(needed)}: ` +
      "free some, or move the project to a larger disk, and start again.",
  );
}

/** `1.4 GB` */
export const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
