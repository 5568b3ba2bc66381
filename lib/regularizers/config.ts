import { z } from "zod";
import { regularizers } from "./index";
import { scheduleSchema } from "./schedule";

/** One entry of `regularization`. */
export const regularizerSchema = z.strictObject({
  /** Named in reports. Default: the type. */
  name: z.string().optional(),
  type: z.enum(Object.keys(regularizers) as [keyof typeof regularizers]),
  lambda: z.number().nonnegative(),
  /** Patterns such as `readouts/features`; each takes every parameter whose name holds all of its parts. */
  apply_to: z.array(z.string().min(1)).min(1),
  schedule: scheduleSchema.default({ kind: "constant" }),
});

export type RegularizerConfig = z.output<typeof regularizerSchema>;

/** Whether a pattern takes a parameter: its name holds all parts between the slashes. */
export function matches(pattern: string, name: string): boolean {
  return pattern.split("/").every((part) => name.includes(part));
}

/** Whether weight decay leaves a parameter alone because a regularizer takes its place, whatever its lambda. */
export function replacesDecay(list: readonly RegularizerConfig[], name: string): boolean {
  return list.some(({ type, apply_to }) => {
    const regularizer = regularizers[type];
    return (
      regularizer.kind === "penalty" &&
      regularizer.replacesDecay &&
      apply_to.some((pattern) => matches(pattern, name))
    );
  });
}
