import { ConfigError } from "../../base/config";
import type { FrameSize } from "../../base/dsp/movie";
import { type OpKind, type OpPlace, opKinds } from "../ops";
import type { Covariate } from "../session";

/** The context of a transform. */
export interface TransformContext extends OpPlace {
  /** The column of each chosen unit in a covariate of all units. */
  readonly columns: readonly number[];
  /** The size of the frames of a movie; undefined for other covariates. */
  readonly frame?: FrameSize;
}

/** An op on a covariate. */
export type Transform = OpKind<Covariate, Covariate, TransformContext>;

/** Makes a transform from a schema of its options and a function. */
export const transform = opKinds<Covariate, Covariate, TransformContext>();

/** Returns the error for a covariate that the op does not support. */
export function problemOf({ where, path }: TransformContext, message: string): ConfigError {
  return new ConfigError(where, [{ path, message }]);
}

/**
 * Resolves an axis that is counted from 0, or from the end when negative.
 *
 * @throws ConfigError when the covariate has no such axis
 */
export function axisOf(axis: number, rank: number, context: TransformContext): number {
  const found = axis < 0 ? axis + rank : axis;
  if (found >= 0 && found < rank) return found;
  throw problemOf(context, `there is no axis ${axis}; the covariate has ${rank}`);
}
