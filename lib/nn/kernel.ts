import { z } from "zod";
import { tf } from "../engine";
import { type Initializer, ones, uniformByFanIn } from "./initializers";
import type { WeightSpec, Weights } from "./plan";
import { windowMask, windowOptions } from "./window";

/** Options of every kernel: weight norm and window. */
export const kernelOptions = {
  ...windowOptions,
  use_weight_norm: z.boolean().default(false),
  keep_unit_norm: z.boolean().default(false),
  /** The norm is always taken per output filter. */
  weight_norm_dim: z.literal(0).default(0),
};

export type KernelOptions = z.output<z.ZodObject<typeof kernelOptions>>;

export interface Kernel {
  readonly weights: readonly WeightSpec[];
  /** The kernel that is convolved with. */
  effective(weights: Weights): tf.Tensor5D;
}

const LEAST_NORM = 1e-12;

/**
 * A kernel `[kt, kh, kw, in, out]`: the raw weight, or under weight norm `g v / |v|` with the norm per output filter
 * (Salimans & Kingma 2016; `keep_unit_norm` holds g at 1), times the window.
 *
 * @param initial of the raw weight or of v; the gain starts at v's norm, so that the kernel starts there too
 */
export function kernel(
  shape: readonly [number, number, number, number, number],
  options: KernelOptions,
  initial: Initializer = uniformByFanIn(shape[0] * shape[1] * shape[2] * shape[3]),
): Kernel {
  const { use_weight_norm: normed, keep_unit_norm: unit } = options;
  const filters = shape[4];
  const mask = options.aa_signal
    ? windowMask(shape.slice(0, 3), options.aa_window, options.aa_window_kwargs.power)
    : undefined;
  const gain: Initializer = unit ? ones : (_, random) => filterNorms(initial(shape, random), filters);
  const weights: WeightSpec[] = normed
    ? [
        { name: "weight_v", shape, initial, seedName: "kernel" },
        { name: "weight_g", shape: [filters], initial: gain, seedName: "kernel", trained: !unit },
      ]
    : [{ name: "weight", shape, initial, seedName: "kernel" }];
  const effective = (get: Weights) => {
    const raw = normed ? normalised(get("weight_v"), get("weight_g")) : get("weight");
    if (!mask) return raw as tf.Tensor5D;
    return tf.mul<tf.Tensor5D>(raw, tf.tensor5d(mask, [shape[0], shape[1], shape[2], 1, 1]));
  };
  return { weights, effective };
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
