import { decodeMovie, type MovieDtype, type MovieValues } from "../base/dsp/movie";
import type { SessionConfig } from "./dataset-config";

/** A session ready to be served: its stimulus types one after another, chosen units only. T frames in all. */
export interface PreparedSession {
  name: string;
  /** What stands before the first `_` of the name. */
  subject: string;
  /** The session's file. */
  file: string;
  cids: number[];
  /** What the file says of the units, where it does: coordinates `[units, dimensions]`, and groups from 0. */
  coordinates?: number[][];
  groups?: number[];
  frames: number;
  height: number;
  width: number;
  /** Frames per second. */
  samplingRate: number;
  /** `[T, height, width]`, as `stimDtype` keeps it (`stimPixels` reads it). */
  stim: MovieValues;
  /** Bytes are normalised when they are served; the other types hold what the transforms gave. Default `uint8`. */
  stimDtype?: MovieDtype;
  /** Spikes per bin, `[T, units]`. */
  robs: Float32Array;
  /** 1 where a bin counts, else 0: `[T, dfsColumns]`, one column for all units or one for each. */
  dfs: Float32Array;
  dfsColumns: number;
  /** Degrees, `[T, 2]` as (x, y), if no transform says otherwise. */
  eyepos: Float32Array;
  /** What the animal does, for a model's modulator, as transforms expose it: `[T, behaviors]`. Default: none is served. */
  behavior?: Float32Array;
  /** Distinct over the stimulus types, `[T]`. */
  trialInds: Int32Array;
  /** Of the stimulus, oldest first, such as [11, 10, ..., 0]. */
  lags: number[];
  /** Frames to train on, and frames of other trials to validate on. */
  train: Int32Array;
  validation: Int32Array;
  /** The stimulus types, each with its first frame and length, and how many file frames make one. */
  parts: { type: string; first: number; frames: number }[];
  downsampling: number;
  /** As resolved. */
  config: SessionConfig;
}

/** How many frames back a sample looks, for the stimulus and for the units' last spikes. */
export const longestLag = ({ lags, config }: Pick<PreparedSession, "lags" | "config">): number =>
  Math.max(...lags, ...(config.keys_lags.history ?? []));

/** Pixels of some frames of a prepared session as numbers: bytes as they are, others as transformed. */
export function stimPixels(
  {
    stim,
    stimDtype = "uint8",
    height,
    width,
  }: Pick<PreparedSession, "stim" | "stimDtype" | "height" | "width">,
  first: number,
  frames: number,
): Float32Array {
  const pixels = height * width;
  return decodeMovie(stimDtype, stim.subarray(first * pixels, (first + frames) * pixels));
}
