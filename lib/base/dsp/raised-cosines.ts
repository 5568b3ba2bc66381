import { z } from "zod";

/** Options of a bank of raised cosines. */
export const basisOptions = {
  num_delta_funcs: z.int().nonnegative().default(0),
  num_cosine_funcs: z.int().nonnegative().default(10),
  /** The number of lags, starting at 1. */
  history_bins: z.int().positive().default(32),
  /** Whether the peaks are evenly spaced in the logarithm of the lag. */
  log_spacing: z.boolean().default(true),
  peak_range_ms: z.tuple([z.number().nonnegative(), z.number().positive()]).default([5, 100]),
  bin_size_ms: z.number().positive().default(5),
  /** Whether each function is scaled to norm 1. */
  normalize: z.boolean().default(true),
};

/** Checked options of a bank of raised cosines. */
export type BasisOptions = z.output<z.ZodObject<typeof basisOptions>>;

/** Lags and peaks are clamped to at least this value, in milliseconds, before the logarithm is taken. */
const LEAST_MS = 1e-2;

/**
 * Returns raised cosines over lag (Pillow et al. 2005): delta functions at lags 1, 2, ..., then bumps with evenly spaced peaks in
 * `peak_range_ms`. Each bump reaches to the peaks of its neighbours. All functions are 0 at lag 0, so that only the past counts.
 *
 * @returns each function by lag, `history_bins + 1` values
 */
export function raisedCosines(o: BasisOptions): number[][] {
  const { history_bins: bins, num_cosine_funcs: cosines } = o;
  const deltas = Array.from({ length: o.num_delta_funcs }, (_, i) =>
    Array.from({ length: bins }, (_, t) => Number(t === i)),
  );
  const scale = o.log_spacing ? (ms: number) => Math.log(Math.max(LEAST_MS, ms)) : (ms: number) => ms;
  const [low, high] = [scale(o.peak_range_ms[0]), scale(o.peak_range_ms[1])];
  const axis = Array.from({ length: bins }, (_, t) =>
    o.log_spacing ? Math.log(t * o.bin_size_ms + 1e-6) : t * o.bin_size_ms,
  );
  const step = cosines > 1 ? (high - low) / (cosines - 1) : 0;
  const width = cosines > 1 ? 2 * step : high > low ? high - low : high;
  const bumps = Array.from({ length: cosines }, (_, i) => {
    const centre = cosines > 1 ? low + i * step : low + (high - low) / 2;
    return axis.map((at) => {
      const phase = ((at - centre) * Math.PI) / width;
      return Math.abs(phase) <= Math.PI ? (Math.cos(phase) + 1) / 2 : 0;
    });
  });
  return [...deltas, ...bumps].map((series) => {
    const norm = o.normalize ? Math.max(Math.hypot(...series), 1e-12) : 1;
    return [0, ...series.map((value) => value / norm)];
  });
}
