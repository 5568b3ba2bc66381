import { z } from "zod";

/** Options of dynamical adaptation. */
export const adaptationOptions = z.strictObject({
  alpha: z.number().default(1),
  /** Negative values are treated as 0. */
  beta: z.number().default(8e-5),
  /** The weight of the fast kernel in the slow one. */
  gamma: z.number().default(0.5),
  tau_y_ms: z.number().positive().default(5),
  n_y: z.number().nonnegative().default(5),
  tau_z_ms: z.number().positive().default(60),
  n_z: z.number().nonnegative().default(2),
  /** The number of taps of both kernels. */
  filter_length: z.int().positive().default(200),
  /** Frames per second. When it is not given, the model's own rate is used. */
  sampling_rate: z.number().positive().default(240),
  learnable_params: z.literal(false, { error: "the parameters are fixed; use false" }).default(false),
});

/** Checked options of dynamical adaptation. */
export type AdaptationOptions = z.output<typeof adaptationOptions>;

/** The smallest divisor of a response, which keeps the quotient finite. */
export const LEAST_DIVISOR = 1e-6;

/**
 * Returns the kernels Ky and `Kz = gamma Ky + (1 - gamma) K`, by lag; `K(t) = t^n exp(-t / tau) / (tau^(n+1) Γ(n+1))`, t and tau in
 * samples.
 */
export function adaptationKernels(o: AdaptationOptions): { fast: number[]; slow: number[] } {
  const { sampling_rate, gamma, tau_y_ms, tau_z_ms, n_y, n_z, filter_length } = o;
  const kernel = (tauMs: number, n: number) => {
    const tau = (tauMs / 1000) * sampling_rate;
    const scale = (n + 1) * Math.log(tau) + logGamma(n + 1);
    return Array.from({ length: filter_length }, (_, t) =>
      t === 0 ? (n === 0 ? 1 : 0) * Math.exp(-scale) : Math.exp(n * Math.log(t) - t / tau - scale),
    );
  };
  const fast = kernel(tau_y_ms, n_y);
  const slow = kernel(tau_z_ms, n_z);
  return { fast, slow: slow.map((value, t) => gamma * fast[t]! + (1 - gamma) * value) };
}

/** log Γ(x) for x > 0: shifts x into the range where Stirling's series is accurate. */
function logGamma(x: number): number {
  let [at, moved] = [x, 0];
  for (; at < 10; at++) moved += Math.log(at);
  const series = 1 / (12 * at) - 1 / (360 * at ** 3) + 1 / (1260 * at ** 5);
  return (at - 0.5) * Math.log(at) - at + 0.5 * Math.log(2 * Math.PI) + series - moved;
}
