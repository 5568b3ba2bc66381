import { z } from "zod";
import { ResidentMemory } from "../../engine/memory";

const UNITS: Readonly<Record<string, number>> = {
  B: 1,
  ...{ kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 },
  ...{ KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 },
};

/** The schema of a number of bytes, also as text with a unit. */
export const deviceBudget = z.unknown().transform((given, context) => {
  const [, number, unit = "B"] =
    typeof given === "string" ? (given.match(/^([\d.]+(?:e\d+)?) ?([kKMGT]?i?B)?$/) ?? []) : [];
  const bytes = typeof given === "number" ? given : Number(number) * (UNITS[unit] ?? Number.NaN);
  if (bytes >= 0 && bytes < Infinity) return bytes;
  context.addIssue({ code: "custom", message: 'must be bytes, 0 or more, or text such as "8 GiB"' });
  return z.NEVER;
});

/** Decides which movies are stored on the device. The largest that fit are placed first, so that most frames are on the device. */
export function onDevice(bytes: readonly number[], budget = Number.POSITIVE_INFINITY): boolean[] {
  const order = bytes.map((_, i) => i).sort((a, b) => bytes[b]! - bytes[a]! || a - b);
  const placed = bytes.map(() => false);
  let left = budget;
  for (const i of order) {
    if (bytes[i]! > left) continue;
    placed[i] = true;
    left -= bytes[i]!;
  }
  return placed;
}

/** Allocates memory for movies: TensorFlow's memory for those on the device, else memory shared with a thread. */
export function allocateMovies(bytes: readonly number[], budget?: number): Uint8Array[] {
  const placed = onDevice(bytes, budget);
  const device = [...new ResidentMemory(bytes.filter((_, i) => placed[i])).parts];
  return bytes.map((size, i) => (placed[i] ? device.shift()! : new Uint8Array(new SharedArrayBuffer(size))));
}
