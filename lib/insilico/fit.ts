import { levenbergMarquardt } from "ml-levenberg-marquardt";

/** A fitted curve. */
export interface Fit<P extends string> {
  readonly parameters: Readonly<Record<P, number>>;
  /** The share of the variance that the curve explains; at most 1. */
  readonly r2: number;
  /** Returns the curve's value. */
  at(x: number): number;
}

/** The bounds of a parameter, and its initial values: the fit with the smallest error of all starts is kept. */
interface Range {
  readonly least: number;
  readonly most: number;
  readonly starts: readonly number[];
}

/** Fits a curve by least squares (Levenberg-Marquardt) from all combinations of the initial values. */
function leastSquares<P extends string>(
  x: readonly number[],
  y: readonly number[],
  ranges: Readonly<Record<P, Range>>,
  curve: (parameters: Readonly<Record<P, number>>) => (x: number) => number,
): Fit<P> {
  const names = Object.keys(ranges) as P[];
  const all = names.map((name) => ranges[name]);
  const named = (values: readonly number[]) =>
    Object.fromEntries(names.map((name, i) => [name, values[i]!])) as Record<P, number>;
  const errorOf = (values: readonly number[]) => {
    const f = curve(named(values));
    return x.reduce((sum, at, i) => sum + (y[i]! - f(at)) ** 2, 0);
  };
  const starts = all.reduce<number[][]>(
    (found, range) => found.flatMap((before) => range.starts.map((start) => [...before, start])),
    [[]],
  );
  const results = starts.map((initialValues) => {
    const { parameterValues } = levenbergMarquardt(
      { x: [...x], y: [...y] },
      (values: number[]) => curve(named(values)),
      {
        initialValues,
        minValues: all.map(({ least }) => least),
        maxValues: all.map(({ most }) => most),
        damping: 1e-2,
        gradientDifference: 1e-4,
        maxIterations: 100,
        errorTolerance: 1e-12,
      },
    );
    return [initialValues, parameterValues].reduce((a, b) => (errorOf(b) < errorOf(a) ? b : a));
  });
  const best = results.reduce((a, b) => (errorOf(b) < errorOf(a) ? b : a));
  const mean = y.reduce((a, b) => a + b, 0) / y.length;
  const variance = y.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return {
    parameters: named(best),
    r2: variance > 0 ? 1 - errorOf(best) / variance : 0,
    at: curve(named(best)),
  };
}

const RADIANS = Math.PI / 180;
const spreadOf = (y: readonly number[]) => Math.max(...y) - Math.min(...y) || 1;

/** Parameters of `fitDirection`: the preferred direction in degrees, the concentration, two amplitudes, and the offset. */
export type DirectionFit = Fit<"preferred" | "concentration" | "amplitude" | "opposite" | "offset">;

/**
 * Fits the sum of two von Mises functions, half a turn apart, with one width (Swindale 1998):
 * `offset + amplitude exp(k (cos(d - p) - 1)) + opposite exp(k (cos(d - p + 180) - 1))`.
 *
 * @param directions in degrees @param responses at these directions
 */
export function fitDirection(directions: readonly number[], responses: readonly number[]): DirectionFit {
  const [spread, least] = [spreadOf(responses), Math.min(...responses)];
  const peak = directions[responses.indexOf(Math.max(...responses))]!;
  const found = leastSquares(
    directions,
    responses,
    {
      preferred: { least: peak - 90, most: peak + 90, starts: [peak] },
      concentration: { least: 1e-2, most: 100, starts: [1, 5] },
      amplitude: { least: 0, most: 10 * spread, starts: [spread] },
      opposite: { least: 0, most: 10 * spread, starts: [0, spread] },
      offset: { least: least - 10 * spread, most: least + spread, starts: [least] },
    },
    ({ preferred, concentration, amplitude, opposite, offset }) =>
      (direction) => {
        const cos = Math.cos((direction - preferred) * RADIANS);
        const bump = (c: number) => Math.exp(concentration * (c - 1));
        return offset + amplitude * bump(cos) + opposite * bump(-cos);
      },
  );
  const { preferred, amplitude, opposite } = found.parameters;
  const turned = amplitude >= opposite ? preferred : preferred + 180;
  const [larger, smaller] = [Math.max(amplitude, opposite), Math.min(amplitude, opposite)];
  return {
    ...found,
    parameters: {
      ...found.parameters,
      preferred: ((turned % 360) + 360) % 360,
      amplitude: larger,
      opposite: smaller,
    },
  };
}

/** Parameters of `fitFrequency`: the preferred frequency, the bandwidth (standard deviation), amplitude and offset. */
export type FrequencyFit = Fit<"preferred" | "bandwidth" | "amplitude" | "offset">;

/**
 * Fits a Gaussian of frequency, the spectrum of a Gabor function: `offset + amplitude exp(-(f - preferred)² / (2 bandwidth²))`.
 *
 * @param frequencies positive
 */
export function fitFrequency(frequencies: readonly number[], responses: readonly number[]): FrequencyFit {
  const [spread, least] = [spreadOf(responses), Math.min(...responses)];
  const [lowest, highest] = [Math.min(...frequencies), Math.max(...frequencies)];
  return leastSquares(
    frequencies,
    responses,
    {
      preferred: {
        least: lowest / 2,
        most: highest * 2,
        starts: [frequencies[responses.indexOf(Math.max(...responses))]!],
      },
      bandwidth: { least: lowest / 10, most: 5 * highest, starts: [lowest, highest / 3] },
      amplitude: { least: 0, most: 10 * spread, starts: [spread] },
      offset: { least: least - 10 * spread, most: least + spread, starts: [least] },
    },
    ({ preferred, bandwidth, amplitude, offset }) =>
      (frequency) =>
        offset + amplitude * Math.exp(-(((frequency - preferred) / bandwidth) ** 2) / 2),
  );
}

/** Parameters of `fitContrast`: the response at saturation, the contrast of half of it, the exponent, and the offset. */
export type ContrastFit = Fit<"amplitude" | "semiSaturation" | "exponent" | "offset">;

/** Fits `offset + amplitude c^n / (c^n + semiSaturation^n)` (Naka & Rushton 1966). @param contrasts 0 to 1 */
export function fitContrast(contrasts: readonly number[], responses: readonly number[]): ContrastFit {
  const [spread, least] = [spreadOf(responses), Math.min(...responses)];
  return leastSquares(
    contrasts,
    responses,
    {
      amplitude: { least: 0, most: 10 * spread, starts: [spread, 2 * spread] },
      semiSaturation: { least: 1e-3, most: 5, starts: [0.2, 0.8] },
      exponent: { least: 0.1, most: 10, starts: [1, 2] },
      offset: { least: least - spread, most: least + spread, starts: [least] },
    },
    ({ amplitude, semiSaturation, exponent, offset }) =>
      (contrast) => {
        const drive = contrast ** exponent;
        return offset + (amplitude * drive) / (drive + semiSaturation ** exponent);
      },
  );
}
