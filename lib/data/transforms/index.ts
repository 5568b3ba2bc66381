import { ConfigError, notOneOf } from "../../base/config";
import type { FrameSize } from "../../base/dsp/movie";
import { namedEntries, type Op, onlyOp } from "../ops";
import { type Covariate, joinLast } from "../session";
import { fftwhitening } from "./fftwhitening";
import { cast, maxnorm, mul, pixelnorm, selectUnits, splitrelu, symlog, unsqueeze } from "./pointwise";
import { dacones, diff, smooth, temporalBasis } from "./temporal";
import type { Transform } from "./transform";

/** Transforms of covariates by their names in a configuration's `transforms`. */
export const transforms: Readonly<Record<string, Transform>> = {
  cast,
  dacones,
  diff,
  fftwhitening,
  maxnorm,
  mul,
  pixelnorm,
  select_units: selectUnits,
  smooth,
  splitrelu,
  symlog,
  temporal_basis: temporalBasis,
  unsqueeze,
};

/** One entry of a configuration's `transforms`. */
export interface Pipeline {
  /** A covariate, or a result exposed by an earlier entry. Default: the entry's own name. */
  readonly source?: string | undefined;
  readonly ops: readonly Op[];
  /** The result's name. Default: the entry's own. */
  readonly expose_as?: string | undefined;
  /** Whether to concatenate the result on the last axis with earlier results exposed under the same name. */
  readonly concatenate?: boolean | undefined;
}

/** The context of pipelines. */
export interface PipelineContext {
  /** The file, for errors. */
  readonly where: string;
  /** The column of each chosen unit in a covariate of all units. */
  readonly columns: readonly number[];
  /** The size of the frames of a movie; undefined for other covariates. */
  readonly frame?: FrameSize;
}

/**
 * Runs ops in sequence.
 *
 * @param path the key path of `ops`, for errors
 * @throws ConfigError for options or shapes that an op does not support
 */
export function runOps(
  x: Covariate,
  ops: readonly Op[],
  { where, ...rest }: PipelineContext,
  path = "ops",
): Covariate {
  return ops.reduce((value, op, i) => {
    const [name, options] = onlyOp(op);
    const context = { where, ...rest, path: `${path}.${i}.${name}` };
    return transforms[name]!.apply(value, options, context);
  }, x);
}

/**
 * Runs a session's pipelines, in the order written.
 *
 * @param covariates by name
 * @returns the exposed results by name
 * @throws ConfigError for an unknown source, and for results with one name whose shapes do not match
 */
export function runPipelines(
  covariates: Readonly<Record<string, Covariate>>,
  pipelines: Readonly<Record<string, Pipeline>>,
  context: PipelineContext,
): Record<string, Covariate> {
  const exposed: Record<string, Covariate> = {};
  for (const { name, entry, source, exposeAs } of namedEntries(pipelines)) {
    const fail = (key: string, message: string) =>
      new ConfigError(context.where, [{ path: `transforms.${name}.${key}`, message }]);
    const x = exposed[source] ?? covariates[source];
    if (!x) throw fail("source", notOneOf(source, [...Object.keys(covariates), ...Object.keys(exposed)]));
    const result = runOps(x, entry.ops, context, `transforms.${name}.ops`);
    const before = exposed[exposeAs];
    if (before && !entry.concatenate)
      throw fail("expose_as", `"${exposeAs}" exists already; concatenate: true appends this result to it`);
    if (before && String(before.shape.slice(0, -1)) !== String(result.shape.slice(0, -1)))
      throw fail(
        "concatenate",
        `shape [${result.shape}] does not match the shape [${before.shape}] of the existing "${exposeAs}"`,
      );
    exposed[exposeAs] = before ? joinLast([before, result]) : result;
  }
  return exposed;
}
