import { ConfigError, type Problem } from "../base/config";
import { RESPONSE_KINDS, RESPONSES, type ResponseKind } from "./responses";
import type { Recording } from "./session";

/**
 * Checks a recording for non-finite numbers, negative counts and decreasing times.
 *
 * @param responses the kind of the responses
 * @throws ConfigError with covariate, frame and column of the first problem of each kind, and the number of problems
 */
export function checkRecording(
  file: string,
  type: string,
  recording: Recording,
  responses: ResponseKind = "counts",
): void {
  const { frames, robs, eyepos, tBins, dpiValid } = recording;
  const problems: Problem[] = [];
  const refuse = (name: string, ...covariate: [ArrayLike<number>, IsInvalid, string]) =>
    problems.push(...badNumbers(`${type}/${name}`, frames, ...covariate));
  const { name, isPositive } = RESPONSES[responses];
  const others = RESPONSE_KINDS.filter((kind) => !RESPONSES[kind].isPositive).join(" or ");
  // Unsigned integers are valid responses of every kind.
  if (robs instanceof Float32Array)
    refuse(
      "robs",
      robs,
      isPositive ? (n) => !(n >= 0 && n < Infinity) : (n) => !Number.isFinite(n),
      isPositive
        ? `${name} must be finite and 0 or more; for other responses state \`responses: ${others}\`, or --kind of convert`
        : `${name} must be finite`,
    );
  // Any eye position is allowed where the tracker lost the eye.
  refuse(
    "dpi_valid",
    dpiValid,
    (x) => !Number.isFinite(x),
    "it must be 1 where the tracker saw the eye, otherwise 0",
  );
  refuse(
    "eyepos",
    eyepos,
    (x, at) => !Number.isFinite(x) && dpiValid[at >> 1]! > 0,
    "correct it, or set dpi_valid to 0 there",
  );
  refuse(
    "t_bins",
    tBins,
    (t, at) => !(at === 0 ? Number.isFinite(t) : t >= tBins[at - 1]!),
    "times must be finite and must not decrease",
  );
  if (problems.length > 0) throw new ConfigError(file, problems);
}

/**
 * Checks the other covariates that a configuration reads; covariates that it does not read may hold any values.
 *
 * @param reads the names of covariates; names that the recording does not have are checked where they are read
 * @throws ConfigError with covariate, frame and column of the first non-finite number of each, and the number of problems
 */
export function checkOthers(
  file: string,
  type: string,
  { frames, others }: Pick<Recording, "frames" | "others">,
  reads: readonly string[],
): void {
  const must = "the configuration reads it: correct the file, or remove it from the configuration";
  const problems = [...new Set(reads)].flatMap((name) => {
    const values = others[name]?.values ?? [];
    return badNumbers(`${type}/${name}`, frames, values, (x) => !Number.isFinite(x), must);
  });
  if (problems.length > 0) throw new ConfigError(file, problems);
}

type IsInvalid = (value: number, at: number) => boolean;

/** Returns the problem of invalid values with the first one and their number; no problem if all are valid. */
function badNumbers(
  path: string,
  frames: number,
  values: ArrayLike<number>,
  guard: IsInvalid,
  must: string,
): Problem[] {
  const columns = values.length / frames;
  let [count, first] = [0, -1];
  for (let at = 0; at < values.length; at++) {
    if (!guard(values[at]!, at)) continue;
    if (count++ === 0) first = at;
  }
  if (count === 0) return [];
  const column = columns > 1 ? `, column ${first % columns}` : "";
  const more = count > 1 ? `, and ${count - 1} more like it` : "";
  const message = `is ${values[first]} at frame ${Math.floor(first / columns)}${column}${more}; ${must}`;
  return [{ path, message }];
}

/**
 * Converts trial numbers to int32. Numbers that do not fit into an int32 would turn into other trials.
 *
 * @throws ConfigError with the first frame of a trial that is not a 32-bit integer, and the number of such frames
 */
export function trialsOf(file: string, type: string, values: ArrayLike<number>): Int32Array {
  const trials = Int32Array.from(values);
  const must = "a trial number must be a 32-bit integer; renumber the trials";
  const problems = badNumbers(
    `${type}/trial_inds`,
    values.length,
    values,
    (trial, at) => trial !== trials[at],
    must,
  );
  if (problems.length > 0) throw new ConfigError(file, problems);
  return trials;
}

/**
 * Replaces gaze that is NaN, where the tracker had lost the eye, by the last valid gaze (at the start by the first, or 0 if there is
 * none): transforms and joined frames would spread other values into valid frames.
 */
export function mendLostGaze({ eyepos }: Recording): void {
  for (const axis of [0, 1]) {
    const first = eyepos.findIndex((x, i) => i % 2 === axis && Number.isFinite(x));
    let known = first < 0 ? 0 : eyepos[first]!;
    for (let i = axis; i < eyepos.length; i += 2) {
      if (Number.isFinite(eyepos[i]!)) known = eyepos[i]!;
      else eyepos[i] = known;
    }
  }
}

/** Returns the units' ids after checking that they are unique integers. @throws ConfigError that names the first invalid one */
export function unitIds(where: string, values: ArrayLike<number>): number[] {
  const cids = Array.from(values);
  const fail = (message: string) => new ConfigError(where, [{ path: "cids", message }]);
  const places = new Map<number, number>();
  for (const [i, cid] of cids.entries()) {
    if (!Number.isSafeInteger(cid)) throw fail(`has ${cid} at ${i}; an id must be a whole number`);
    const before = places.get(cid);
    if (before !== undefined)
      throw fail(`has ${cid} at ${before} and again at ${i}; each unit needs a unique id`);
    places.set(cid, i);
  }
  return cids;
}
