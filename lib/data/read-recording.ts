import { ConfigError } from "../base/config";
import { checkRecording, mendLostGaze, trialsOf } from "./check-recording";
import { type MovieSource, type StoredMovie, withCheckedRange } from "./movie-source";
import { readResponses } from "./response-values";
import type { ResponseKind } from "./responses";
import type { OtherCovariate, Recording } from "./session";
import { asFloat32, asFloat64, type Place, type SourceArray } from "./source-array";

/** Reads the movie of a stimulus type, and returns the value stored in the recording. */
export type MovieReader = (type: string, source: MovieSource) => StoredMovie;

/** Reads the whole movie. */
export const wholeMovie: MovieReader = (_, { frames, read }) => read(0, frames);

/** One stimulus type of a file. */
export interface RecordingSource {
  /** The names of all covariates. */
  readonly names: readonly string[];
  /** Returns a numeric covariate; undefined when there is none. */
  get(name: string): SourceArray | undefined;
  readonly movie: MovieSource;
}

/**
 * Reads a recording, and checks it.
 *
 * @param path the file, for errors @param units the number of columns that `robs` must have @param responses their kind
 * @throws ConfigError that names the covariate
 */
export function readRecording(
  path: string,
  type: string,
  source: RecordingSource,
  units: number,
  responses: ResponseKind,
  movie: MovieReader,
): Recording {
  const { frames, height, width, channels } = source.movie;
  const shaped = (name: string, rest: number[]) => {
    const found = source.get(name);
    if (!found) throw missingCovariate(path, `${type}/${name}`);
    const must = [frames, ...rest];
    if (String(found.shape) === String(must)) return found;
    const message = `has shape [${found.shape}], but stim has ${frames} frames, so it must be [${must}]`;
    throw new ConfigError(path, [{ path: `${type}/${name}`, message }]);
  };
  const place = (name: string): Place => ({ file: path, key: `${type}/${name}` });
  const floats = (name: string, rest: number[]) => asFloat32(shaped(name, rest), place(name));
  const { source: checked, range } = withCheckedRange(path, type, source.movie);
  const stim = movie(type, checked);
  const stimRange = range();
  const recording: Recording = {
    frames,
    height,
    width,
    channels,
    stim,
    ...(stimRange ? { stimRange } : {}),
    robs: readResponses(shaped("robs", [units]), place("robs")),
    eyepos: floats("eyepos", [2]),
    tBins: asFloat64(shaped("t_bins", []), place("t_bins")),
    trialInds: trialsOf(path, type, asFloat64(shaped("trial_inds", []), place("trial_inds"))),
    dpiValid: floats("dpi_valid", []),
    others: readOthers(path, type, source),
  };
  checkRecording(path, type, recording, responses);
  mendLostGaze(recording);
  return recording;
}

/** The covariates that every recording may have; others are kept by their names. */
export const KNOWN = ["stim", "robs", "eyepos", "t_bins", "trial_inds", "dpi_valid"];

function readOthers(path: string, type: string, source: RecordingSource): Recording["others"] {
  const { frames } = source.movie;
  const others: Record<string, OtherCovariate> = {};
  for (const name of source.names.filter((key) => !KNOWN.includes(key))) {
    const found = source.get(name);
    if (!found) continue;
    const { shape, whole } = found;
    if (shape[0] !== frames) {
      const message = `has shape [${shape}], but stim has ${frames} frames: a covariate has a row for each frame`;
      throw new ConfigError(path, [{ path: `${type}/${name}`, message }]);
    }
    others[name] = { shape, values: asFloat32(found, { file: path, key: `${type}/${name}` }), whole };
  }
  return others;
}

/** Returns the stimulus types to read: all that a file has, or the given ones. @throws ConfigError when one is missing */
export function chosenTypes(
  path: string,
  there: readonly string[],
  wanted: readonly string[] | undefined,
): readonly string[] {
  const missing = (wanted ?? []).filter((type) => !there.includes(type));
  if (missing.length === 0 && there.length > 0) return wanted ?? there;
  const message =
    missing.length > 0
      ? `has no stimulus type ${missing.join(", ")}; it has ${there.join(", ") || "none"}`
      : "has no stimulus type: a group with stim, robs and the other covariates";
  throw new ConfigError(path, [{ path: "types", message }]);
}

export const missingCovariate = (path: string, where: string): ConfigError =>
  new ConfigError(path, [
    {
      path: where,
      message: "is missing or not numeric; docs/session-format.md lists what a session file holds",
    },
  ]);
