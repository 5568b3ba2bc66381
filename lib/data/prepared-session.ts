import { decodeMovie, type MovieDtype, type MovieValues } from "../base/dsp/movie";
import type { SessionConfig } from "./dataset-config";

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
  /** Frames per second. */
  samplingRate: number;
  /** `[T, height, width]`, stored as `stimDtype` (`stimPixels` decodes it). */
  stim: MovieValues;
  /** The storage type. Bytes are normalised when they are served; other types hold the results of the transforms. Default `uint8`. */
  stimDtype?: MovieDtype;
  /** Spikes per bin, `[T, units]`. */
  robs: Float32Array;
  /** 1 where a bin counts, else 0: `[T, dfsColumns]`, one column for all units or one for each. */
  dfs: Float32Array;
  dfsColumns: number;
  /** Gaze in degrees, `[T, 2]` as (x, y), unless a transform changes it. */
  eyepos: Float32Array;
  /** The animal's behaviour for a model's modulator, as exposed by transforms: `[T, behaviors]`. Default: none is served. */
  behavior?: Float32Array;
  /** The trial of each frame, `[T]`; stimulus types have different trials. */
  trialInds: Int32Array;
  /** The lags of the stimulus, oldest first, such as [11, 10, ..., 0]. */
  lags: number[];
  /** Frames to train on, and frames of other trials to validate on. */
  train: Int32Array;
  validation: Int32Array;
  /** The stimulus types, each with its first frame and length, and the number of file frames per frame. */
  parts: { type: string; first: number; frames: number }[];
  downsampling: number;
  /** The resolved configuration. */
  config: SessionConfig;
}

/** Returns the longest lag of a sample in frames, over the stimulus and the spike history. */
export const longestLag = ({ lags, config }: Pick<PreparedSession, "lags" | "config">): number =>
  Math.max(...lags, ...(config.keys_lags.history ?? []));

/** Returns the pixels of some frames of a prepared session as numbers: bytes unchanged, other types as transformed. */
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
