/** Responses of T frames during a stimulus that is the same in every trial, such as rapidly flashed images during fixation. */
export interface FixationInput {
  /** The trial of each frame, `[T]`. */
  readonly trialInds: ArrayLike<number>;
  /** The bin of each frame since the start of its trial's stimulus, from 0, `[T]`. */
  readonly psthInds: ArrayLike<number>;
  /** Spike counts or rates, `[T, units]`. */
  readonly robs: ArrayLike<number>;
  /** Gaze in degrees from the fixation point, `[T, 2]`. */
  readonly eyepos: ArrayLike<number>;
  /** 1 where a bin counts for a unit, else 0, `[T, units]`. Default: all bins count. */
  readonly dfs?: ArrayLike<number>;
  readonly units: number;
}

/** The trials that `alignFixations` keeps. */
export interface FixationOptions {
  /** Frames whose gaze is at least this far from the fixation point do not count, in degrees. Default 1. */
  readonly radius?: number;
  /** Trials with at most this number of frames that count are left out. Default 20. */
  readonly minBins?: number;
}

/** Responses by trial and bin. */
export interface AlignedResponses {
  /** The trials that are kept, ascending. */
  readonly trials: readonly number[];
  readonly bins: number;
  readonly units: number;
  /** `[trials, bins, units]`; NaN where a bin does not count. */
  readonly responses: Float64Array;
  /** The number of frames that count in each trial. */
  readonly durations: readonly number[];
  /** The frame of each bin as its number in the input, `[trials, bins]`; -1 where no frame counts. */
  readonly frames: Int32Array;
}

/**
 * Aligns responses to the start of the stimulus in each trial. A bin counts while the eye fixates and the unit's filter is on. Trials that
 * repeat the counts and the gaze of another trial frame by frame, which is a fault of the recording, are kept once.
 */
export function alignFixations(
  { trialInds, psthInds, robs, eyepos, dfs, units }: FixationInput,
  { radius = 1, minBins = 20 }: FixationOptions = {},
): AlignedResponses {
  const framesOf = new Map<number, number[]>();
  let bins = 0;
  for (let t = 0; t < trialInds.length; t++) {
    bins = Math.max(bins, psthInds[t]! + 1);
    if (!(Math.hypot(eyepos[2 * t]!, eyepos[2 * t + 1]!) < radius)) continue;
    const frames = framesOf.get(trialInds[t]!) ?? [];
    frames.push(t);
    framesOf.set(trialInds[t]!, frames);
  }
  const seen = new Set<string>();
  const kept = [...framesOf]
    .sort(([a], [b]) => a - b)
    .filter(([, frames]) => {
      if (frames.length <= minBins) return false;
      const values = frames.flatMap((t) => [
        psthInds[t]!,
        eyepos[2 * t]!,
        eyepos[2 * t + 1]!,
        ...Array.from({ length: units }, (_, unit) => robs[t * units + unit]!),
      ]);
      const signature = values.join();
      return !seen.has(signature) && seen.add(signature);
    });
  const frames = new Int32Array(kept.length * bins).fill(-1);
  kept.forEach(([, own], trial) => {
    for (const t of own) frames[trial * bins + psthInds[t]!] = t;
  });
  const responses = new Float64Array(frames.length * units).fill(Number.NaN);
  frames.forEach((t, bin) => {
    for (let unit = 0; unit < units; unit++)
      if (t >= 0 && (!dfs || dfs[t * units + unit]! > 0))
        responses[bin * units + unit] = robs[t * units + unit]!;
  });
  const durations = kept.map(([, own]) => own.length);
  return { trials: kept.map(([trial]) => trial), bins, units, responses, durations, frames };
}

/**
 * Arranges other values of the same frames, such as predicted rates, by the trials and bins of aligned responses.
 *
 * @param values `[T, units]`, for the frames that were aligned
 * @returns the values where the responses are known; NaN elsewhere
 */
export function alignLike(aligned: AlignedResponses, values: ArrayLike<number>): AlignedResponses {
  const { frames, units } = aligned;
  const responses = aligned.responses.map((known, i) =>
    Number.isNaN(known) ? known : values[frames[Math.floor(i / units)]! * units + (i % units)]!,
  );
  return { ...aligned, responses };
}

/** Returns the mean over trials of each bin and unit, `[bins, units]`; NaN where no trial has the bin. */
export function psth({ trials, bins, units, responses }: AlignedResponses): Float64Array {
  const size = bins * units;
  return Float64Array.from({ length: size }, (_, i) => {
    let [sum, count] = [0, 0];
    for (let trial = 0; trial < trials.length; trial++) {
      const value = responses[trial * size + i]!;
      if (Number.isNaN(value)) continue;
      sum += value;
      count++;
    }
    return sum / count;
  });
}

/** The least variance of a unit, in squared counts, for which correlations are meaningful. */
const LEAST_VARIANCE = 1e-3;

/**
 * Computes the noise correlation of each pair of units: the correlation of their deviations from the mean over trials of the same bin. The
 * covariance of a bin with n trials is divided by n - 1, and bins are pooled by n - 1.
 *
 * @param minTrials bins of fewer trials are left out. Default 2
 * @returns `[units, units]`; NaN for a unit that hardly varies, and on the diagonal
 */
export function noiseCorrelations(aligned: AlignedResponses, minTrials = 2): Float64Array {
  const { units } = aligned;
  const variances = Array.from({ length: units }, (_, unit) =>
    noiseCovariance(aligned, [unit, unit], minTrials),
  );
  const correlations = new Float64Array(units * units).fill(Number.NaN);
  for (let a = 0; a < units; a++)
    for (let b = 0; b < a; b++) {
      if (!(Math.min(variances[a]!, variances[b]!) > LEAST_VARIANCE)) continue;
      const covariance = noiseCovariance(aligned, [a, b], minTrials);
      const value = covariance / Math.sqrt(variances[a]! * variances[b]!);
      const within = Math.min(1, Math.max(-1, value));
      [correlations[a * units + b], correlations[b * units + a]] = [within, within];
    }
  return correlations;
}

function noiseCovariance(
  { trials, bins, units, responses }: AlignedResponses,
  [a, b]: readonly [number, number],
  minTrials: number,
): number {
  let [sum, freedom] = [0, 0];
  for (let bin = 0; bin < bins; bin++) {
    let [count, sumA, sumB, product] = [0, 0, 0, 0];
    for (let trial = 0; trial < trials.length; trial++) {
      const at = (trial * bins + bin) * units;
      const [x, y] = [responses[at + a]!, responses[at + b]!];
      if (Number.isNaN(x + y)) continue;
      count++;
      sumA += x;
      sumB += y;
      product += x * y;
    }
    if (count < Math.max(2, minTrials)) continue;
    sum += product - (sumA * sumB) / count;
    freedom += count - 1;
  }
  return sum / freedom;
}
