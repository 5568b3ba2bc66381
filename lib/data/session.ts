import { product } from "../base/arrays/shape";
import { getArray, putArray, readHdf5, writeHdf5 } from "./hdf5";
import type { ResponseKind } from "./responses";
import type { UnitTruth } from "./simulate/unit";

/** The layout of session files; raised when it changes. */
export const FORMAT_VERSION = 1;

/** One stimulus type of a session: covariates of equal length, T frames. */
export interface Recording {
  frames: number;
  height: number;
  width: number;
  /** The number of channels of the stimulus, such as 3 for RGB. Default 1. */
  channels?: number;
  /** The stimulus as the eye saw it, `[T, height, width, channels]`: bytes, or numbers that are used as they are. */
  stim: Uint8Array | Float32Array;
  /** The least and the greatest value of a floating-point stimulus. Default: no statement, so readers compute it. */
  stimRange?: readonly [number, number];
  /** The responses, such as spike counts per frame, `[T, units]`, units as in `cids`. */
  robs: ResponseValues;
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

/** Responses in the smallest type that holds all of them exactly. */
export type ResponseValues = Uint8Array | Uint16Array | Float32Array;

/** A covariate without a meaning in the library; transforms and filters may read it. */
export interface OtherCovariate extends Covariate {
  /** Whether the values are labels, such as image numbers, which are never averaged. */
  readonly whole: boolean;
}

/** Makes a covariate whose values are computed when they are first read. */
export function lazyCovariate(
  about: Omit<OtherCovariate, "values">,
  compute: () => Float32Array,
): OtherCovariate {
  let values: Float32Array | undefined;
  return {
    ...about,
    get values() {
      values ??= compute();
      return values;
    },
  };
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
  /** The kind of the responses. Default `counts`. */
  responses?: ResponseKind;
  /** The recordings by stimulus type, such as `backimage` and `gaborium`. */
  recordings: Record<string, Recording>;
}

/** Numbers by frame, `[T, ...]`, in row-major order. */
export interface Covariate {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Returns the stride of an axis, its length, and the number of repetitions over the axes before it. */
export function strides(
  shape: readonly number[],
  axis: number,
): { outer: number; length: number; inner: number } {
  return {
    outer: product(shape.slice(0, axis)),
    length: shape[axis]!,
    inner: product(shape.slice(axis + 1)),
  };
}

/** Concatenates covariates on their last axis. All other lengths must be equal. */
export function joinLast(parts: readonly Covariate[]): Covariate {
  const first = parts[0]!;
  const widths = parts.map(({ shape }) => shape.at(-1)!);
  const width = widths.reduce((a, b) => a + b, 0);
  const rows = first.values.length / widths[0]!;
  const values = new Float32Array(rows * width);
  let column = 0;
  parts.forEach((part, i) => {
    const own = widths[i]!;
    for (let row = 0; row < rows; row++)
      values.set(part.values.subarray(row * own, (row + 1) * own), row * width + column);
    column += own;
  });
  return { shape: [...first.shape.slice(0, -1), width], values };
}

/** Returns some columns of rows `[..., from]` in the given order; the same array if these are all columns in their order. */
export function chosenColumns<A extends ResponseValues>(
  values: A,
  from: number,
  columns: readonly number[],
): A {
  if (columns.length === from && columns.every((column, i) => column === i)) return values;
  const rows = values.length / from;
  const picked = new (values.constructor as new (length: number) => A)(rows * columns.length);
  for (let row = 0, at = 0; row < rows; row++)
    for (let c = 0; c < columns.length; c++) picked[at++] = values[row * from + columns[c]!]!;
  return picked;
}

/** The ground truth of a simulated session. */
export interface Truth {
  units: UnitTruth[];
  /** Expected spikes per frame `[T, units]`, by stimulus type. */
  rates: Record<string, Float32Array>;
}

/** Returns the path of the truth file, beside the session's file. */
export const truthFile = (sessionFile: string) => sessionFile.replace(/(\.h5)?$/, ".truth.h5");

/** Writes the truth of a simulated session; atomic. */
export async function writeTruth(path: string, { units, rates }: Truth): Promise<void> {
  return writeHdf5(path, (file) => {
    file.create_attribute("format", "gradbook-truth");
    file.create_attribute("units", JSON.stringify(units));
    for (const [type, values] of Object.entries(rates)) {
      putArray(file.create_group(type), "rates", {
        shape: [values.length / units.length, units.length],
        values,
      });
    }
  });
}

/**
 * Reads the truth of a simulated session.
 *
 * @throws ConfigError when there is none, or it is damaged
 */
export async function readTruthFile(path: string): Promise<Truth> {
  return readHdf5(path, "only simulated sessions have a file of ground truth", (file) => {
    const rates = file
      .keys()
      .map((type) => [type, Float32Array.from(getArray(file, `${type}/rates`)!.values)] as const);
    return { units: JSON.parse(String(file.attrs.units!.value)), rates: Object.fromEntries(rates) };
  });
}
