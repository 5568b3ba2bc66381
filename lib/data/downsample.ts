import { ConfigError } from "../base/config";
import { compactResponses } from "./response-values";
import { lazyCovariate, type OtherCovariate, type Recording } from "./session";

interface DownsampleOptions {
  averagesTrials?: boolean;
  averagesResponses?: boolean;
}

/**
 * Joins `factor` frames into one: responses are summed, the stimulus and the trial are those of the first frame, gaze and time are averaged,
 * and the tracker is valid where its average is over 0. For other covariates, frame indices (`*_inds`) are those of the first frame
 * divided by `factor`, labels are those of the first frame, and numbers are averaged. An incomplete last bin is dropped.
 *
 * @param options.averagesTrials whether a frame of two trials forms a trial of its own, as when trial numbers are averaged; trials are
 * then numbered from 0 in the order of their averages. Default false.
 * @param options.averagesResponses whether responses are averaged instead of summed, as those that are not counts. Default false.
 */
export function downsample(
  recording: Recording,
  factor: number,
  { averagesTrials = false, averagesResponses = false }: DownsampleOptions = {},
): Recording {
  if (factor === 1) return recording;
  const frames = Math.floor(recording.frames / factor);
  const { height, width, channels = 1, stimRange } = recording;
  const units = recording.robs.length / recording.frames;
  const average = (values: ArrayLike<number>, columns: number) =>
    summed(values, columns, frames, factor).map((sum) => sum / factor);
  const pixels = height * width * channels;
  // Empty if the movie is stored elsewhere.
  const length = recording.stim.length > 0 ? frames * pixels : 0;
  const stim = recording.stim instanceof Uint8Array ? new Uint8Array(length) : new Float32Array(length);
  for (let at = 0; at < stim.length; at += pixels)
    stim.set(recording.stim.subarray(at * factor, at * factor + pixels), at);
  return {
    frames,
    height,
    width,
    channels,
    stim,
    ...(stimRange ? { stimRange } : {}),
    robs: compactResponses(
      averagesResponses ? average(recording.robs, units) : summed(recording.robs, units, frames, factor),
    ),
    eyepos: Float32Array.from(average(recording.eyepos, 2)),
    tBins: average(recording.tBins, 1),
    trialInds: averagesTrials
      ? ranks(summed(recording.trialInds, 1, frames, factor))
      : Int32Array.from({ length: frames }, (_, t) => recording.trialInds[t * factor]!),
    dpiValid: Float32Array.from(average(recording.dpiValid, 1)),
    others: Object.fromEntries(
      Object.entries(recording.others).map(([name, other]) => [
        name,
        joinedOther(name, other, frames, factor),
      ]),
    ),
  };
}

function joinedOther(name: string, other: OtherCovariate, frames: number, factor: number): OtherCovariate {
  const shape = [frames, ...other.shape.slice(1)];
  return lazyCovariate({ shape, whole: other.whole }, () => joinedValues(name, other, frames, factor));
}

function joinedValues(
  name: string,
  { shape, values, whole }: OtherCovariate,
  frames: number,
  factor: number,
): Float32Array {
  const columns = values.length / shape[0]!;
  const first = (i: number) => values[Math.floor(i / columns) * factor * columns + (i % columns)]!;
  const joined = name.endsWith("_inds")
    ? (i: number) => Math.floor(first(i) / factor)
    : whole
      ? first
      : undefined;
  return joined
    ? Float32Array.from({ length: frames * columns }, (_, i) => joined(i))
    : Float32Array.from(summed(values, columns, frames, factor), (sum) => sum / factor);
}

/** The largest difference of two rates that count as equal, as a share: frames of a screen or a microscope have jitter. */
export const RATE_TOLERANCE = 1e-3;

/** Whether two rates differ by no more than `RATE_TOLERANCE`. */
export const isNearly = (rate: number, other: number): boolean =>
  Math.abs(rate - other) <= RATE_TOLERANCE * Math.max(rate, other);

/** Returns the number of source frames per frame. @throws ConfigError when the rates are not multiples, within `RATE_TOLERANCE` */
export function downsamplingFactor(
  sampling: { source_rate: number; target_rate: number },
  where: string,
): number {
  const ratio = sampling.source_rate / sampling.target_rate;
  const factor = Math.round(ratio);
  if (factor >= 1 && isNearly(ratio, factor)) return factor;
  const message = `source_rate ${sampling.source_rate} must be a whole multiple of target_rate ${sampling.target_rate}`;
  throw new ConfigError(where, [{ path: "sampling", message }]);
}

function summed(values: ArrayLike<number>, columns: number, frames: number, factor: number): Float64Array {
  const sums = new Float64Array(frames * columns);
  for (let t = 0, from = 0; t < frames * factor; t++) {
    const to = Math.floor(t / factor) * columns;
    for (let c = 0; c < columns; c++) sums[to + c]! += values[from++]!;
  }
  return sums;
}

/** Returns the number of smaller distinct values of each value. */
function ranks(values: Float64Array): Int32Array {
  const distinct = [...new Set(values)].sort((a, b) => a - b);
  const rankOf = new Map(distinct.map((value, rank) => [value, rank]));
  return Int32Array.from(values, (value) => rankOf.get(value)!);
}
