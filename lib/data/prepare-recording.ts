import { ConfigError } from "../base/config";
import {
  decodeMovie,
  type FrameSize,
  frameLength,
  MOVIE_BYTES,
  type MovieDtype,
  type MovieValues,
} from "../base/dsp/movie";
import { filterOps } from "./config-problems";
import { applyFilters } from "./filters";
import type { MovieInFile } from "./movie-file";
import type { ResponseKind } from "./responses";
import { type Covariate, chosenColumns, type Recording, type ResponseValues } from "./session";
import { lagsOf } from "./session-lags";
import type { SessionConfig } from "./session-schema";
import { runPipelines } from "./transforms";

/** One prepared stimulus type with the chosen units, ready to be joined with the others. */
export interface PreparedRecording
  extends Pick<Recording, "frames" | "height" | "width" | "stim" | "trialInds" | "robs" | "eyepos"> {
  channels: number;
  /** `[T, dfsColumns]` */
  dfs: Uint8Array;
  dfsColumns: number;
  /** `[T, behaviors]`; empty when no transform exposes any. */
  behavior: Float32Array;
  /** `[T, units]`; empty when no transform exposes any. */
  history: ResponseValues;
}

/**
 * Filters and transforms a recording, then selects the chosen units.
 *
 * @param columns the columns of the chosen units, in the chosen order
 * @throws ConfigError when a filter or a transform fails, or its result is invalid
 */
export function prepareRecording(
  type: string,
  recording: Recording,
  config: SessionConfig,
  columns: readonly number[],
): PreparedRecording {
  const { file, transforms } = config;
  const { frames, height, width, channels = 1, stim, trialInds, dpiValid, others } = recording;
  const units = recording.robs.length / frames;
  const filtering = filterOps(config);
  const { dfs, columns: dfsColumns } = applyFilters(
    {
      frames,
      trialInds,
      dpiValid,
      // Read only when a filter needs it.
      missingPct: () => others.missing_pct?.values,
    },
    filtering.ops,
    file,
    filtering.path,
  );

  // The movie stays as bytes; its transforms are applied when it is served.
  const { stim: _, ...pipelines } = transforms;
  const exposed = runPipelines(covariatesOf(recording), pipelines, { where: file, columns });
  const served = (name: string, columns?: number): Float32Array | undefined => {
    const found = exposed[name];
    if (found) checkServed(found, { file, where: `${type}: transforms: ${name}`, frames, columns });
    return found?.values;
  };
  const spikes = chosenColumns<ResponseValues>(served("robs", units) ?? recording.robs, units, columns);
  /** Returns the values of the frames that a lag reads, so that every frame has its own. */
  const late = <A extends ResponseValues>(key: "robs" | "eyepos" | "dfs", values: A) => {
    const [lag = 0, ...others] = lagsOf(config, key);
    return others.length > 0 ? values : delayed(values, values.length / frames, lag);
  };
  return {
    frames,
    height,
    width,
    channels,
    stim,
    trialInds,
    robs: late("robs", spikes),
    eyepos: late("eyepos", served("eyepos", 2) ?? recording.eyepos),
    behavior: served("behavior") ?? new Float32Array(0),
    history:
      served("history", columns.length) ?? (lagsOf(config, "robs")[0] === 0 ? new Float32Array(0) : spikes),
    dfs: late("dfs", dfsColumns === 1 ? dfs : chosenColumns(dfs, units, columns)),
    dfsColumns: dfsColumns === 1 ? 1 : columns.length,
  };
}

/** Returns the covariates that transforms may read, by their names in a configuration. */
export function covariatesOf({
  frames,
  robs,
  eyepos,
  tBins,
  trialInds,
  dpiValid,
  others,
}: Pick<Recording, "frames" | "robs" | "eyepos" | "tBins" | "trialInds" | "dpiValid" | "others">) {
  const known: Record<string, Covariate> = {
    // Converted only when a transform reads it.
    robs: {
      shape: [frames, robs.length / frames],
      get values() {
        return floatsOf(robs);
      },
    },
    eyepos: { shape: [frames, 2], values: eyepos },
    t_bins: { shape: [frames], values: Float32Array.from(tBins) },
    trial_inds: { shape: [frames], values: Float32Array.from(trialInds) },
    dpi_valid: { shape: [frames], values: dpiValid },
  };
  return { ...known, ...others };
}

const floatsOf = (values: ResponseValues) =>
  values instanceof Float32Array ? values : Float32Array.from(values);

/** Returns the rows of earlier frames; the first `lag` rows, which have none, are 0. */
function delayed<A extends ResponseValues>(values: A, columns: number, lag: number): A {
  if (lag === 0) return values;
  const rows = new (values.constructor as new (length: number) => A)(values.length);
  rows.set(
    values.subarray(0, Math.max(0, values.length - lag * columns)),
    Math.min(values.length, lag * columns),
  );
  return rows;
}

/** Checks that a served covariate has a row of finite numbers for each frame. */
function checkServed(
  { shape, values }: Covariate,
  {
    file,
    where,
    frames,
    columns,
  }: { file: string; where: string; frames: number; columns: number | undefined },
): void {
  const fail = (message: string) => new ConfigError(file, [{ path: where, message }]);
  if (shape.length !== 2 || shape[0] !== frames || shape[1] !== (columns ?? shape[1]))
    throw fail(`gives shape [${shape}], but [${frames}, ${columns ?? "variables"}] is served`);
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return;
  const [frame, column] = [Math.floor(bad / shape[1]!), bad % shape[1]!];
  throw fail(`gives ${values[bad]} at frame ${frame}, column ${column}; correct the file, or its transforms`);
}

/** A prepared session: the concatenated stimulus types of the chosen units, T frames in total. */
export interface PreparedSession {
  name: string;
  /** The part of the name before the first `_`. */
  subject: string;
  /** The session's file. */
  file: string;
  cids: number[];
  /** Optional facts about the units from the file: coordinates `[units, dimensions]`, and groups from 0. */
  coordinates?: number[][];
  groups?: number[];
  frames: number;
  height: number;
  width: number;
  /** The number of channels of the stimulus, after the transforms. */
  channels: number;
  /** Frames per second. */
  samplingRate: number;
  pixelsPerDegree?: number;
  /** `[T, height, width, channels]`, stored as `stimDtype` (`stimPixels` decodes it). */
  readonly stim: MovieValues;
  /** The movie's file, if the movie stays there. `stim` then reads all of it whenever it is used. */
  inFile?: MovieInFile;
  /** The storage type. Bytes are normalised when they are served; other types hold the results of the transforms. Default `uint8`. */
  stimDtype?: MovieDtype;
  /** The kind of the responses. */
  responses: ResponseKind;
  /** The responses, such as spikes per bin, `[T, units]`, in the smallest type that holds all of them exactly. */
  robs: ResponseValues;
  /** 1 where a bin counts, else 0: `[T, dfsColumns]`, one column for all units or one for each. */
  dfs: Uint8Array;
  dfsColumns: number;
  /** Gaze in degrees, `[T, 2]` as (x, y), unless a transform changes it. */
  eyepos: Float32Array;
  /** The animal's behaviour for a model's modulator, as exposed by transforms: `[T, behaviors]`. Default: none is served. */
  behavior?: Float32Array;
  /** The spike history for a model's history encoder, as exposed by a transform: `[T, units]`. Default: it is `robs`. */
  history?: ResponseValues;
  /** The trial of each frame, `[T]`; stimulus types have different trials. */
  trialInds: Int32Array;
  /** The lags of the stimulus, oldest first, such as [11, 10, ..., 0]. */
  lags: number[];
  /** Frames to train on, and frames of other trials to validate on. */
  train: Int32Array;
  validation: Int32Array;
  /** Frames in neither of them, by the tier of their trials, such as `test`. */
  heldOut: Readonly<Record<string, Int32Array>>;
  /** The stimulus types, each with its first frame and length, and the number of file frames per frame. */
  parts: { type: string; first: number; frames: number }[];
  downsampling: number;
  /** The resolved configuration. */
  config: SessionConfig;
}

/** Returns the size of a prepared movie in bytes, without reading it. */
export const movieBytes = (session: PreparedSession): number =>
  session.frames * frameLength(session) * MOVIE_BYTES[session.stimDtype ?? "uint8"];

/**
 * Returns the values of some frames of a prepared session as numbers, `[frames, height, width, channels]`: bytes unchanged, other types as
 * transformed.
 */
export function stimPixels(
  { stim, stimDtype = "uint8", ...size }: Pick<PreparedSession, "stim" | "stimDtype"> & FrameSize,
  first: number,
  frames: number,
): Float32Array {
  const length = frameLength(size);
  return decodeMovie(stimDtype, stim.subarray(first * length, (first + frames) * length));
}
