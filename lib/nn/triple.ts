import { z } from "zod";
import type { Triple } from "./shape";

const size = z.int().positive();
const amount = z.int().nonnegative();

/** The schema of sizes: a number for all three axes, or `[time, height, width]`. */
export const sizes = z.union([size, z.tuple([size, size, size])], {
  error: "expected a positive whole number or [time, height, width]",
});

/** Like `sizes`, but allows 0 and two entries, which are `[height, width]`. */
export const amounts = z.union([amount, z.tuple([amount, amount]), z.tuple([amount, amount, amount])], {
  error: "expected a whole number, [height, width] or [time, height, width]",
});

/** Expands a number to all axes, and two entries to height and width with 0 for time. */
export function triple(value: number | readonly number[]): Triple {
  if (typeof value === "number") return [value, value, value];
  if (value.length === 2) return [0, value[0]!, value[1]!];
  return [value[0]!, value[1]!, value[2]!];
}
