import type { Covariate } from "./covariate";

/** The layout of session files; raised when it changes. */
export const FORMAT_VERSION = 1;

/** One stimulus type of a session: covariates of equal length, T frames. */
export interface Recording {
  frames: number;
  height: number;
  width: number;
  /** The stimulus as the eye saw it, `[T, height, width]`. */
  stim: Uint8Array;
  /** Spike counts per frame, `[T, units]`, units as in `cids`. */
  robs: Float32Array;
  /** Gaze in degrees, `[T, 2]` as (x, y). */
  eyepos: Float32Array;
  /** The middle of each frame in seconds, `[T]`. */
  tBins: Float64Array;
  /** The trial of each frame, `[T]`. */
  trialInds: Int32Array;
  /** 1 where the eye tracker saw the eye, else 0, `[T]`. */
  dpiValid: Float32Array;
  /** The other covariates of the file, by name. */
  others: Readonly<Record<string, OtherCovariate>>;
}

/** A covariate without a meaning in the library; transforms and filters may read it. */
export interface OtherCovariate extends Covariate {
  /** Whether the values are labels, such as image numbers, which are never averaged. */
  readonly whole: boolean;
}

/** A recording session. */
export interface Session {
  name: string;
  /** Frames per second. */
  samplingRate: number;
  pixelsPerDegree: number;
  /** The units' ids, in the order of the columns of `robs`. */
  cids: number[];
  /** The position of each unit, `[units, dimensions]`, such as its depth along the probe; read by `mean_predictor`. */
  coordinates?: number[][];
  /** The group of each unit, from 0, such as its cell class; read by `shared_features`. */
  groups?: number[];
  /** The recordings by stimulus type, such as `backimage` and `gaborium`. */
  recordings: Record<string, Recording>;
}
