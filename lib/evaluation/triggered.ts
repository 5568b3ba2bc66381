import { frameLength } from "../base/dsp/movie";
import type { PreparedSession } from "../data";
import { stimPixels } from "../data/prepare-recording";
import { presentationsOf } from "../data/stimuli";
import { correlation, eventTriggeredAverage, findSaccades, spikeTriggeredAverages } from "../metrics";
import { counts } from "./repeats";

/** The rates of a session on some frames, `[frames, units]`. */
export interface Rates {
  frames: Int32Array;
  rates: Float32Array;
}

/** The spike-triggered averages of a session's units, for recorded spikes and for predicted rates. */
export interface SpikeTriggered {
  /** The frames before the spike, oldest first. */
  lags: readonly number[];
  /** The averages, `[units, lags, pixels * channels]`. */
  data: Float32Array;
  model: Float32Array;
  /** The correlation of data and model over lags and pixels, for each unit. */
  correlation: number[];
}

/** Returns a session's movie as numbers. A movie that stays in its file is read once. */
export function moviePixels(session: PreparedSession): Uint8Array | Float32Array {
  const { stim } = session;
  return stim instanceof Uint8Array ? stim : stimPixels(session, 0, session.frames);
}

/**
 * Computes the spike-triggered averages of a session's units, for recorded spikes and for predicted rates. For responses that are not counts,
 * the stimulus is weighted by the response above its least value.
 */
export function spikeTriggered(session: PreparedSession, { frames, rates }: Rates): SpikeTriggered {
  const { lags, robs, cids } = session;
  const stim = moviePixels(session);
  const [units, pixels] = [cids.length, frameLength(session)];
  const counted = (value: (i: number, unit: number) => number) =>
    Float32Array.from({ length: frames.length * units }, (_, at) => {
      const [i, unit] = [Math.floor(at / units), at % units];
      return counts(session, frames[i]!, unit) ? value(i, unit) : 0;
    });
  const of = (weights: Float32Array) =>
    spikeTriggeredAverages({ stim, pixels, frames, weights, units, lags });
  const recorded = (i: number, unit: number) => robs[frames[i]! * units + unit]!;
  const predicted = (i: number, unit: number) => rates[i * units + unit]!;
  const isCount = session.responses === "counts";
  const [data, model] = [recorded, predicted].map((value) => {
    const least = cids.map((_, unit) =>
      isCount ? 0 : frames.reduce((most, _, i) => Math.min(most, value(i, unit)), Number.POSITIVE_INFINITY),
    );
    return of(counted((i, unit) => value(i, unit) - least[unit]!));
  }) as [Float32Array, Float32Array];
  const each = lags.length * pixels;
  const part = (all: Float32Array, unit: number) => all.subarray(unit * each, (unit + 1) * each);
  return {
    lags,
    data,
    model,
    correlation: cids.map((_, unit) => correlation(part(data, unit), part(model, unit))),
  };
}

/** Returns the factor from responses per bin to spikes per second; 1 for other responses, which do not depend on the length of a bin. */
export const toPerSecond = ({ responses, samplingRate }: PreparedSession): number =>
  responses === "counts" ? samplingRate : 1;

/** The average rates of a session around the landing of saccades, in spikes per second, or other responses in their own unit. */
export interface SaccadeTriggered {
  session: string;
  /** The number of saccades on the given frames. */
  count: number;
  /** The times relative to the landing, in milliseconds. */
  ms: number[];
  /** The mean over units and saccades, with the standard error over saccades. */
  data: { mean: number[]; error: number[] };
  model: { mean: number[]; error: number[] };
  /** The means of each unit. */
  units: { cid: number; data: number[]; model: number[] }[];
}

/** The seconds before and after the landing. */
const [BEFORE, AFTER] = [0.1, 0.3];

/** Averages rates around saccades. @returns undefined when there are no saccades */
export function saccadeTriggered(
  session: PreparedSession,
  { frames, rates }: Rates,
): SaccadeTriggered | undefined {
  const { cids, samplingRate, robs } = session;
  const units = cids.length;
  const landings = landingsOf(session, frames);
  if (landings.length === 0) return undefined;
  const perSecond = toPerSecond(session);
  const window = { before: Math.round(BEFORE * samplingRate), after: Math.round(AFTER * samplingRate) };
  /** Averages one unit, or the mean over units; NaN where no bin is valid. */
  const average = (value: (i: number, unit: number) => number, which: readonly number[]) => {
    const signal = new Float64Array(session.frames).fill(Number.NaN);
    frames.forEach((frame, i) => {
      const known = which.filter((unit) => counts(session, frame, unit));
      if (known.length === 0) return;
      const sum = known.reduce((total, unit) => total + value(i, unit), 0);
      signal[frame] = (sum / known.length) * perSecond;
    });
    const { mean, error } = eventTriggeredAverage(signal, landings, window);
    return { mean: Array.from(mean), error: Array.from(error) };
  };
  const observed = (i: number, unit: number) => robs[frames[i]! * units + unit]!;
  const predicted = (i: number, unit: number) => rates[i * units + unit]!;
  const all = cids.map((_, unit) => unit);
  return {
    session: session.name,
    count: landings.length,
    ms: Array.from(
      { length: window.before + window.after + 1 },
      (_, i) => (1000 * (i - window.before)) / samplingRate,
    ),
    data: average(observed, all),
    model: average(predicted, all),
    units: cids.map((cid, unit) => ({
      cid,
      data: average(observed, [unit]).mean,
      model: average(predicted, [unit]).mean,
    })),
  };
}

/** Returns the frames at which a saccade landed, trial by trial, if a bin of the given frames is there. */
function landingsOf(
  { eyepos, trialInds, samplingRate, frames: length }: PreparedSession,
  frames: Int32Array,
) {
  const valid = new Float32Array(length);
  for (const frame of frames) valid[frame] = 1;
  return presentationsOf(trialInds).flatMap(({ first, length }) => {
    const end = first + length;
    const gaze = eyepos.subarray(2 * first, 2 * end);
    const found = findSaccades(gaze, samplingRate, {}, valid.subarray(first, end));
    return found.map(({ landing }) => first + landing);
  });
}
