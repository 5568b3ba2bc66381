import type { z } from "zod";
import { check, notOneOf, type Problem, problemsOf } from "../base/config";

/** A step of a configuration: one name with its options, `{valid_nlags: {n_lags: 11}}`. */
export type Op = Readonly<Record<string, unknown>>;

/** The location of an op, for errors: the file and the key path. */
export interface OpPlace {
  readonly where: string;
  readonly path: string;
}

/** A kind of op in a registry of names. */
export interface OpKind<In, Out, At extends OpPlace = OpPlace> {
  readonly options: z.ZodType;
  /** @throws ConfigError for options that the schema rejects, and for unsupported input */
  apply(input: In, options: unknown, at: At): Out;
}

/** Returns a function that combines a schema and an op. The op gets checked options with defaults filled in. */
export function opKinds<In, Out, At extends OpPlace = OpPlace>() {
  return <S extends z.ZodType>(
    options: S,
    apply: (input: In, options: z.output<S>, at: At) => Out,
  ): OpKind<In, Out, At> => ({
    options,
    apply: (input, given, at) => apply(input, check(options, given ?? {}, at.where, at.path), at),
  });
}

/** Returns an op's name and options. `checkOps` has verified that it has exactly one name. */
export const onlyOp = (op: Op): [name: string, options: unknown] => Object.entries(op)[0]!;

/**
 * Returns the problems of unparsed ops: each must have one known name, and options that its schema accepts.
 *
 * @param path the key path of `ops`
 */
export function opProblems(
  room: Readonly<Record<string, { options: z.ZodType }>>,
  ops: readonly Op[],
  where: string,
  path: string,
): readonly Problem[] {
  return ops.flatMap((op, i) => {
    const at = `${path}.${i}`;
    const names = Object.keys(op);
    if (names.length !== 1)
      return [{ path: at, message: `must be one op with its options; found ${names.join(", ") || "none"}` }];
    const [name, options] = onlyOp(op);
    if (!Object.hasOwn(room, name)) return [{ path: at, message: notOneOf(name, Object.keys(room)) }];
    return problemsOf(() => check(room[name]!.options, options ?? {}, where, `${at}.${name}`));
  });
}

/** Returns the entries of `transforms` or `datafilters`: an entry reads and exposes its own name, unless it states others. */
export const namedEntries = <E extends { source?: string | undefined; expose_as?: string | undefined }>(
  pipelines: Readonly<Record<string, E>>,
) =>
  Object.entries(pipelines).map(([name, entry]) => ({
    name,
    entry,
    source: entry.source ?? name,
    exposeAs: entry.expose_as ?? name,
  }));

/** Returns the median; for an even count, the mean of the two middle values; NaN for no values. */
export function median(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort();
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** Returns the median distance of increasing times; 1 if there is only one. */
export function medianStep(times: Float64Array): number {
  const steps = times.slice(1).map((t, i) => t - times[i]!);
  return steps.length === 0 ? 1 : steps.sort()[steps.length >> 1]!;
}

/** Returns the number of frames per second, for frames of `period` seconds; a whole number if it is within 0.1 % of one. */
export function rateOf(period: number): number {
  const [rate, whole] = [1 / period, Math.round(1 / period)];
  return Math.abs(rate - whole) < 1e-3 * rate ? whole : rate;
}

/** Concatenates arrays; a single array is returned unchanged. */
export function joined<A extends Uint8Array | Uint16Array | Int32Array | Float32Array | Float64Array>(
  ArrayType: new (n: number) => A,
  parts: readonly A[],
): A {
  if (parts.length === 1) return parts[0]!;
  const all = new ArrayType(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
