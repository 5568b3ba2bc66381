/** The response to a cycle of phases above blank: its mean and the amplitude of its modulation. */
export interface Cycle {
  readonly mean: number;
  readonly modulation: number;
}

/** Computes the response to phases around a cycle. */
export function cycleOf(rates: readonly number[], blank: number): Cycle {
  return { mean: meanOf(rates) - blank, modulation: harmonic(rates, 1) };
}

/** Returns the mean. */
export const meanOf = (values: readonly number[]): number =>
  values.reduce((a, b) => a + b, 0) / values.length;

/** Returns the amplitude of a harmonic of values at equal steps around a circle. */
export function harmonic(values: readonly number[], order: number): number {
  const part = (wave: (angle: number) => number) =>
    meanOf(values.map((value, i) => value * wave((2 * Math.PI * order * i) / values.length)));
  return 2 * Math.hypot(part(Math.cos), part(Math.sin));
}

/** The response of a unit to a cycle: the larger of mean and modulation, as a simple cell has little of the first. */
export const responseTo = ({ mean, modulation }: Cycle): number => Math.max(mean, modulation);

/** Returns the angle from one orientation to another in degrees, from -90 to below 90. */
export const turnBetween = (from: number, to: number): number =>
  ((((to - from + 90) % 180) + 180) % 180) - 90;
