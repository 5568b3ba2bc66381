/** The parameters to fit: a gain, or a gain and an offset; for each unit, or the same for all units. */
export type RescaleMode = (typeof RESCALE_MODES)[number];
/** The values of `RescaleMode`. */
export const RESCALE_MODES = ["gain", "affine", "global_gain", "global_affine"] as const;

/** Rates, counts and valid bins of T frames and N units. */
export interface RescaleInput {
  /** Predicted spikes per bin, `[T, units]`. */
  readonly rates: ArrayLike<number>;
  /** Spike counts, `[T, units]`. */
  readonly robs: ArrayLike<number>;
  /** 1 where a bin counts for a unit, else 0, `[T, units]`. Default: all bins count. */
  readonly dfs?: ArrayLike<number>;
  readonly units: number;
}

/** Rates after a fit of gain and offset. */
export interface Rescaled {
  /** `gain * rate + offset`, `[T, units]`. */
  readonly rates: Float32Array;
  /** One for each unit; the global modes give all units the same. */
  readonly gain: Float64Array;
  readonly offset: Float64Array;
}

interface Affine {
  gain: number;
  offset: number;
}

/** The valid bins of one unit or of all units. */
interface Bins {
  rates: number[];
  counts: number[];
}

/**
 * Fits a gain and an offset of predicted rates to the counts by the Poisson likelihood, with both at least 0, and applies them. The scores of
 * the result do not depend on the overall rate of a unit, which may drift between the data that a model was trained on and other data.
 * A unit without a valid bin keeps its rates.
 *
 * @param mode default "affine"
 */
export function rescaleRates(input: RescaleInput, mode: RescaleMode = "affine"): Rescaled {
  const { rates, units } = input;
  const solve = mode.endsWith("gain") ? fitGain : fitAffine;
  const all = mode.startsWith("global") ? solve(binsOf(input)) : undefined;
  const fits = Array.from({ length: units }, (_, unit) => all ?? solve(binsOf(input, unit)));
  return {
    rates: Float32Array.from(rates, (rate, i) => {
      const { gain, offset } = fits[i % units]!;
      return gain * rate + offset;
    }),
    gain: Float64Array.from(fits, ({ gain }) => gain),
    offset: Float64Array.from(fits, ({ offset }) => offset),
  };
}

function binsOf({ rates, robs, dfs, units }: RescaleInput, unit?: number): Bins {
  const bins: Bins = { rates: [], counts: [] };
  const [first, step] = unit === undefined ? [0, 1] : [unit, units];
  for (let i = first; i < rates.length; i += step) {
    const [rate, count] = [rates[i]!, robs[i]!];
    if (dfs && !(dfs[i]! > 0.5)) continue;
    if (!Number.isFinite(rate) || !Number.isFinite(count)) continue;
    bins.rates.push(Math.max(0, rate));
    bins.counts.push(count);
  }
  return bins;
}

const sumOf = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

/** The gain with the largest likelihood makes the sum of the rates that of the counts. */
function fitGain({ rates, counts }: Bins): Affine {
  const total = sumOf(rates);
  return { gain: total > 0 ? sumOf(counts) / total : 1, offset: 0 };
}

/** The largest number of Newton steps; the fit of two parameters of a convex function needs about ten. */
const STEPS = 100;

/**
 * Finds the gain and the offset with the largest likelihood. The negative log-likelihood is convex in both, so a point at the border where no
 * slope leads inside is the solution, and otherwise Newton's method finds it inside.
 */
function fitAffine(bins: Bins): Affine {
  const { rates, counts } = bins;
  const n = rates.length;
  const withoutOffset = fitGain(bins);
  const meanCount = sumOf(counts) / n;
  if (n === 0 || meanCount === 0) return withoutOffset;
  const constant = { gain: 0, offset: meanCount };
  if (sumOf(rates) === 0) return constant;
  // A bin with spikes and without a rate needs an offset.
  if (slopesAt(bins, withoutOffset).offset >= 0) return withoutOffset;
  if (slopesAt(bins, constant).gain >= 0) return constant;
  return newton(bins, { gain: withoutOffset.gain / 2, offset: meanCount / 2 });
}

/** The derivatives of the negative log-likelihood. */
function slopesAt({ rates, counts }: Bins, { gain, offset }: Affine): Affine {
  const slopes = { gain: 0, offset: 0 };
  rates.forEach((rate, i) => {
    const count = counts[i]!;
    const excess = 1 - (count === 0 ? 0 : count / (gain * rate + offset));
    slopes.gain += rate === 0 ? 0 : rate * excess;
    slopes.offset += excess;
  });
  return slopes;
}

function newton(bins: Bins, start: Affine): Affine {
  const { rates, counts } = bins;
  let at = start;
  let value = lossAt(bins, at);
  for (let step = 0; step < STEPS; step++) {
    const slopes = slopesAt(bins, at);
    let [gg, go, oo] = [0, 0, 0];
    rates.forEach((rate, i) => {
      const curvature = counts[i]! / (at.gain * rate + at.offset) ** 2;
      gg += curvature * rate * rate;
      go += curvature * rate;
      oo += curvature;
    });
    const determinant = gg * oo - go * go;
    const along = {
      gain: (oo * slopes.gain - go * slopes.offset) / determinant,
      offset: (gg * slopes.offset - go * slopes.gain) / determinant,
    };
    const decrease = along.gain * slopes.gain + along.offset * slopes.offset;
    if (!(decrease > 1e-14 * Math.abs(value))) return at;
    const next = shortened(bins, at, along, value);
    if (!next) return at;
    [at, value] = [next.at, next.value];
  }
  return at;
}

/** Shortens a step until both parameters are positive and the loss falls; undefined when no step does. */
function shortened(bins: Bins, at: Affine, along: Affine, before: number) {
  for (let length = 1; length > 1e-10; length /= 2) {
    const next = { gain: at.gain - length * along.gain, offset: at.offset - length * along.offset };
    if (next.gain <= 0 || next.offset <= 0) continue;
    const value = lossAt(bins, next);
    if (value < before) return { at: next, value };
  }
  return undefined;
}

/** The negative log-likelihood up to a constant. */
function lossAt({ rates, counts }: Bins, { gain, offset }: Affine): number {
  return rates.reduce((sum, rate, i) => {
    const [scaled, count] = [gain * rate + offset, counts[i]!];
    return sum + scaled - (count === 0 ? 0 : count * Math.log(scaled));
  }, 0);
}
