import { z } from "zod";

const WINDOWS = {
  hann: (phase: number) => 0.5 - 0.5 * Math.cos(phase),
  hamming: (phase: number) => 0.54 - 0.46 * Math.cos(phase),
  blackman: (phase: number) => 0.42 - 0.5 * Math.cos(phase) + 0.08 * Math.cos(2 * phase),
} as const;

/** Options of the anti-aliasing window of a kernel. */
export const windowOptions = {
  aa_signal: z.boolean().default(false),
  aa_window: z.enum(Object.keys(WINDOWS) as [keyof typeof WINDOWS]).default("hann"),
  aa_window_kwargs: z.strictObject({ power: z.number().positive().default(1) }).default({ power: 1 }),
};

/** The shortest axis that is windowed: on a shorter one, a Hann window would leave a single tap. */
const SHORTEST = 5;

/**
 * Computes a separable window over `[kt, kh, kw]`, axis by axis: symmetric, raised to a power, peak 1; 1 on axes of fewer than five
 * taps. A Hann window is 0 at both ends, so a 5-tap axis keeps 3 live taps.
 */
export function windowOf(
  size: readonly number[],
  window: keyof typeof WINDOWS,
  power: number,
): [number[], number[], number[]] {
  const axis = (taps: number) => {
    if (taps < SHORTEST) return Array<number>(taps).fill(1);
    const values = Array.from(
      { length: taps },
      (_, i) => Math.max(0, WINDOWS[window]((2 * Math.PI * i) / (taps - 1))) ** power,
    );
    const peak = Math.max(...values);
    return values.map((value) => value / peak);
  };
  return [axis(size[0]!), axis(size[1]!), axis(size[2]!)];
}

/** Returns the outer product of the axes' values in row-major order. */
export function outerProduct(axes: readonly (readonly number[])[]): Float32Array {
  return Float32Array.from(
    axes.reduce<number[]>((mask, axis) => mask.flatMap((m) => axis.map((value) => m * value)), [1]),
  );
}
