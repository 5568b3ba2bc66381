import { z } from "zod";
import { tf } from "../engine";
import { type Initializer, ones, uniformByFanIn } from "./initializers";
import type { WeightSpec, Weights } from "./plan";
import type { Triple } from "./shape";

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

/** The shortest axis that is windowed: on a shorter one, a Hann window would leave at most two taps. */
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

/** Options of every kernel: weight norm and window. */
export const kernelOptions = {
  ...windowOptions,
  use_weight_norm: z.boolean().default(false),
  keep_unit_norm: z.boolean().default(false),
  /** The norm is always computed per output filter. */
  weight_norm_dim: z.literal(0).default(0),
};

/** Checked options of a kernel. */
export type KernelOptions = z.output<z.ZodObject<typeof kernelOptions>>;

/** A kernel before it has weights. */
export interface Kernel {
  readonly weights: readonly WeightSpec[];
  /** Returns the whole kernel, `[kt, kh, kw, in, out]`. */
  effective(weights: Weights): tf.Tensor5D;
  /** The number of taps on each side of an axis that the window sets to 0, such as the ends of a Hann window. */
  readonly deadTaps: Triple;
  /** Returns the kernel without its dead taps, which is sufficient for the convolution. */
  live(weights: Weights): tf.Tensor5D;
}

const LEAST_NORM = 1e-12;

/**
 * Makes a kernel `[kt, kh, kw, in, out]` as the product of the window and either the raw weight or, with weight norm, `g v / |v|` with
 * the norm per output filter (Salimans & Kingma 2016; `keep_unit_norm` fixes g at 1).
 *
 * @param initial the initial values of the raw weight or of v; the gain starts at v's norm, so that the kernel starts
 * at v, unless `keep_unit_norm` fixes the gain at 1
 */
export function kernel(
  shape: readonly [number, number, number, number, number],
  options: KernelOptions,
  initial: Initializer = uniformByFanIn(shape[0] * shape[1] * shape[2] * shape[3]),
): Kernel {
  const { use_weight_norm: normed, keep_unit_norm: unit } = options;
  const filters = shape[4];
  const window = options.aa_signal
    ? windowOf(shape.slice(0, 3), options.aa_window, options.aa_window_kwargs.power)
    : undefined;
  // Weights of one seed name draw the same numbers, so the gain is the norm of the v that is drawn beside it.
  const gain: Initializer = unit ? ones : (_, random) => filterNorms(initial(shape, random), filters);
  const weights: WeightSpec[] = normed
    ? [
        { name: "weight_v", shape, initial, seedName: "kernel" },
        { name: "weight_g", shape: [filters], initial: gain, seedName: "kernel", trained: !unit },
      ]
    : [{ name: "weight", shape, initial, seedName: "kernel" }];
  const raw = (get: Weights) =>
    (normed ? normalised(get("weight_v"), get("weight_g")) : get("weight")) as tf.Tensor5D;
  const deadTaps: Triple = window ? axes(window, (taps) => taps.findIndex((value) => value > 0)) : [0, 0, 0];
  const dead = deadTaps.reduce((a, b) => a + b, 0);
  const live = (get: Weights) => {
    const size = axes(shape, (taps, axis) => taps - 2 * deadTaps[axis]!);
    const kept = dead > 0 ? tf.slice(raw(get), [...deadTaps, 0, 0], [...size, shape[3], filters]) : raw(get);
    if (!window) return kept;
    const values = axes(window, (taps, axis) => taps.slice(deadTaps[axis]!, deadTaps[axis]! + size[axis]!));
    return tf.mul<tf.Tensor5D>(kept, tf.tensor5d(outerProduct(values), [...size, 1, 1]));
  };
  const effective = (get: Weights) => {
    const around = [...deadTaps, 0, 0].map((n) => [n, n] as [number, number]);
    return dead > 0 ? tf.pad(live(get), around) : live(get);
  };
  return { weights, effective, deadTaps, live };
}

function axes<T, U>(of: readonly [T, T, T, ...unknown[]], each: (value: T, axis: number) => U): [U, U, U] {
  return [each(of[0], 0), each(of[1], 1), each(of[2], 2)];
}

function normalised(v: tf.Tensor, g: tf.Tensor): tf.Tensor {
  const norm = tf.sqrt(tf.maximum(tf.sum(tf.square(v), [0, 1, 2, 3]), LEAST_NORM ** 2));
  return tf.mul(v, tf.div(g, norm));
}

function filterNorms(values: Float32Array, filters: number): Float32Array {
  const squares = new Float64Array(filters);
  values.forEach((value, i) => {
    squares[i % filters]! += value * value;
  });
  return Float32Array.from(squares, Math.sqrt);
}
