import { ConfigError } from "../../base/config";
import type { Covariate } from "../covariate";
import { type OpKind, type OpPlace, opKinds } from "../ops";

/** Where a transform acts. */
export interface TransformContext extends OpPlace {
  /** The column of each chosen unit in a covariate of all units. */
  readonly columns: readonly number[];
}

/** An op on a covariate. */
export type Transform = OpKind<Covariate, Covariate, TransformContext>;

export const transform = opKinds<Covariate, Covariate, TransformContext>();

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
