import type { z } from "zod";
import { ConfigError, check } from "../../config";
import type { Covariate } from "../covariate";

/** Where a transform acts. */
export interface TransformContext {
  /** The file and the key path of the op, for errors. */
  readonly where: string;
  readonly path: string;
  /** The column of each chosen unit in a covariate of all units. */
  readonly columns: readonly number[];
}

/** An op on a covariate, as it stands in the room's map. */
export interface Transform {
  readonly options: z.ZodType;
  /** @throws ConfigError for options that the schema refuses and for shapes that the op cannot take */
  apply(x: Covariate, options: unknown, context: TransformContext): Covariate;
}

/** Joins a schema and an op; the op gets options that the schema has checked, defaults filled in. */
export function transform<S extends z.ZodType>(
  options: S,
  apply: (x: Covariate, options: z.output<S>, context: TransformContext) => Covariate,
): Transform {
  return {
    options,
    apply: (x, given, context) => apply(x, check(options, given ?? {}, context.where, context.path), context),
  };
}

/** An op that cannot act on this covariate. */
export function problemOf({ where, path }: TransformContext, message: string): ConfigError {
  return new ConfigError(where, [{ path, message }]);
}

/**
 * An axis counted from 0, or from the end when negative.
 *
 * @throws ConfigError when the covariate has no such axis
 */
export function axisOf(axis: number, rank: number, context: TransformContext): number {
  const found = axis < 0 ? axis + rank : axis;
  if (found >= 0 && found < rank) return found;
  throw problemOf(context, `there is no axis ${axis}; the covariate has ${rank}`);
}
