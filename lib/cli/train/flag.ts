import { z } from "zod";

/** One flag of `gradbook train`: on the command line `--name value`, in a run's YAML file `name: value`. */
export interface Flag {
  /** Its heading in the help. */
  group: string;
  /** The schema of the value that results from a word of the command line. */
  schema: z.ZodType;
  /** The placeholder for the value in the help. A switch has none. */
  value?: string;
  help: string;
}

export const whole = z.int().positive();
export const positive = z.number().positive();
export const numberOrZero = z.number().nonnegative();
/** At least 0 and below 1. */
export const share = z.number().min(0).lt(1);
