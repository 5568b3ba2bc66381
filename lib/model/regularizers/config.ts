import { z } from "zod";
import { below, part, partOf, typeNames } from "../../base/config";
import { type RegularizerPart, regularizers } from "./index";
import type { Regularizer } from "./regularizer";
import { scheduleSchema } from "./schedule";

/** One entry of `regularization`. */
export const regularizerSchema = z.strictObject({
  /** The name in reports. Default: the type. */
  name: z.string().optional(),
  /** A name in `regularizers`, or an export of a module: `./my_regularizer.ts#mine`. */
  type: z.string().meta(typeNames(Object.keys(regularizers))),
  /** The options of the type, or of an export of a module. */
  params: z.record(z.string(), z.unknown()).optional(),
  lambda: z.number().nonnegative(),
  /** Patterns such as `readouts/features`. Each selects every parameter whose name contains all of its parts. */
  apply_to: z.array(z.string().min(1)).min(1),
  schedule: scheduleSchema.default({ kind: "constant" }),
});

/** A checked entry of `regularization`. */
export type RegularizerConfig = z.output<typeof regularizerSchema>;

/** Whether a pattern selects a parameter: its name must contain all parts between the slashes. */
export function matches(pattern: string, name: string): boolean {
  return pattern.split("/").every((part) => name.includes(part));
}

/**
 * Makes a regularizer that configurations can name, as an export of a module: `{ type: ./my_regularizer.ts#mine, params: {...} }`.
 *
 * @param options a schema for its options, `params` of the entry
 * @param make returns a penalty, which is multiplied by lambda and added to the loss, or a proximal map, which is applied after every step
 * @example
 * export const power = defineRegularizer(z.strictObject({ p: z.number().positive() }), ({ p }) => ({
 *   kind: "penalty", replacesDecay: false, of: (weight) => tf.sum(tf.pow(tf.abs(weight), p)),
 * }));
 */
export function defineRegularizer<S extends z.ZodType>(
  options: S,
  make: (options: z.output<S>) => Regularizer,
): RegularizerPart {
  return part("regularizer", options, make);
}

/** An entry of `regularization` with its regularizer. */
export type ResolvedRegularizer = RegularizerConfig & { readonly regularizer: Regularizer };

/**
 * Finds the regularizers of the entries of `regularization`.
 *
 * @param where the file that they come from
 * @throws ConfigError for an unknown type, an export that is not a regularizer, and `params` that are not allowed
 */
export function resolveRegularizers(
  list: readonly RegularizerConfig[],
  where: string,
): ResolvedRegularizer[] {
  return list.map((entry, i) => {
    const at = below({ where, path: "regularization" }, i);
    const found = partOf("regularizer", regularizers, entry.type, below(at, "type"));
    return { ...entry, regularizer: found.make(entry.params, below(at, "params")) };
  });
}

/** Whether a regularizer replaces weight decay for a parameter, for any lambda. */
export function replacesDecay(list: readonly RegularizerConfig[], name: string): boolean {
  return resolved(list).some(
    ({ regularizer, apply_to }) =>
      regularizer.kind === "penalty" &&
      regularizer.replacesDecay &&
      apply_to.some((pattern) => matches(pattern, name)),
  );
}

/** Returns the entries with their regularizers; entries of a model have them already. */
export function resolved(list: readonly (RegularizerConfig | ResolvedRegularizer)[]): ResolvedRegularizer[] {
  return list.map((entry) =>
    "regularizer" in entry ? entry : resolveRegularizers([entry], "regularization")[0]!,
  );
}
