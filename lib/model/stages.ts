import { z } from "zod";
import type { tf } from "../engine";
import { below, type Mode, type Place, type Plan, problemAt, type WeightSpec, type Weights } from "../nn";
import type { VectorPlan } from "../nn/dense";
import type { Newest } from "../nn/newest";
import type { PlanFacts } from "../nn/plan";
import type { UnitColumns } from "./unit-columns";

/**
 * The adapters of all sessions, applied to the whole batch at once. Each session has separate parameters, `{session}.{name}`. `geometry`
 * is that of the initial weights.
 */
export interface PlannedAdapter extends PlanFacts {
  /**
   * Resamples each frame independently, for any number of frames.
   *
   * @param dataset_B the session of each sample, int32; every adapter except `none` throws without it
   */
  apply(x_BTHWC: tf.Tensor5D, dataset_B: tf.Tensor1D | undefined, weights: Weights, mode: Mode): tf.Tensor5D;
  /**
   * Returns the positions of output points on the stimulus under the current weights. If absent, `geometry` gives the positions.
   *
   * @param points_N2 (y, x) in pixels, 0 the first
   * @param dataset_N the session of each point, int32
   */
  locate?(points_N2: tf.Tensor2D, dataset_N: tf.Tensor1D, weights: Weights): tf.Tensor2D;
}

/** A frontend; those with temporal kernels can show them. */
export interface PlannedFrontend extends Plan {
  newest?(frames: number): Newest<PlannedFrontend>;
  /** Returns the effective kernels, `[taps, channels]`, oldest tap first. */
  temporalKernels?(weights: Weights): tf.Tensor2D;
}

/** The influence of one session's units on each other: the last bins of all its units, flattened lag by lag → `[B, units]`. */
export interface PlannedHistory extends VectorPlan {
  /** The number of bins before the predicted one that it reads. */
  readonly lags: number;
}

/** The output of a modulator. */
export interface Modulated {
  readonly features: tf.Tensor5D;
  /** The modulator's auxiliary loss of each sample, `[B]`; the loss adds it multiplied by `lambda_pred`. */
  readonly auxiliary?: tf.Tensor1D;
}

/** A modulator: features and behaviour → features. V is the number of behaviour variables, of all lags one after another. */
export interface PlannedModulator extends PlanFacts {
  /** Modulates features. @param behavior_BV `[B, V]`; every modulator except `none` throws without it */
  apply(x_BTHWC: tf.Tensor5D, behavior_BV: tf.Tensor2D | undefined, weights: Weights, mode: Mode): Modulated;
  /** Restricts the modulator to its newest output frames; absent where every output depends on all frames. */
  newest?(frames: number): Newest<PlannedModulator>;
}

/** Options of every modulator. */
export const behaviorOptions = {
  /** V, the variables of one sample's `behavior`. Default: those that the sessions serve. */
  behavior_dim: z.int().positive().optional(),
  /** The number of input channels. It follows from the stage before; any other value is a warning. */
  feature_dim: z.int().positive().optional(),
};

/**
 * Compares the configuration of a modulator with the behaviour that it reads.
 *
 * @throws ConfigError that names both sides
 */
export function checkBehavior(
  { behavior_dim }: z.output<z.ZodObject<typeof behaviorOptions>>,
  at: Place,
  behaviors: number,
): void {
  if (behaviors > 0 && (behavior_dim ?? behaviors) === behaviors) return;
  const served = behaviors === 0 ? "no behavior" : `${behaviors} variables of behavior`;
  throw problemAt(
    below(at, "behavior_dim"),
    `is ${behavior_dim ?? "not given"}, but behaviors is ${behaviors}: the sessions serve ${served}; give both the same number`,
  );
}

/** Optional facts about units, in the order of sessions. */
export interface UnitFacts {
  /** The position of each unit in the tissue, in any unit of length, `[units][dimensions]`, for predicted readout positions. */
  readonly coordinates?: readonly (readonly (readonly number[])[])[];
  /** A number from 0 for each unit; units of one group share their feature weights, also across sessions. */
  readonly groups?: readonly (readonly number[])[];
}

/**
 * The readouts of all sessions. Each session has separate parameters, `{session}.{name}`. N is the number of all units, in the order of
 * sessions.
 */
export interface PlannedReadouts {
  readonly weights: readonly WeightSpec[];
  /** The operations for one sample of the session with the most units. */
  readonly flops: number;
  /** Whether `apply` supports an offset, because units have positions. */
  readonly shiftable: boolean;
  /**
   * Maps `[B, T, H, W, C]` → `[B, L]` for the units of the columns, before the output activation. Reads the last frame.
   *
   * @param offset_B2 (dy, dx) in pixels of the core's output, the shift of all units' positions in a sample
   */
  apply(
    x_BTHWC: tf.Tensor5D,
    columns: UnitColumns,
    weights: Weights,
    mode: Mode,
    offset_B2?: tf.Tensor2D,
  ): tf.Tensor2D;
  /** Returns the name of the bias of a session's units, or undefined when there is none. */
  biasOf(session: number): string | undefined;
  /** Returns the feature weights of units, `[C, N]`, for readouts that have them. */
  features?(weights: Weights): tf.Tensor2D;
  /** The masks and positions of units, for readouts that have them. */
  masks?: {
    /** `[N, H * W]`, each of sum 1. */
    apply(weights: Weights): tf.Tensor2D;
    /** `[N, 2]`: (y, x), in pixels of the core's output, from its centre. */
    means(weights: Weights): tf.Tensor2D;
  };
}

/** Returns one weight of each session. */
export function ofSessions<T extends tf.Tensor = tf.Tensor>(
  units: readonly number[],
  weights: Weights,
  name: string,
): T[] {
  return units.map((_, session) => weights(`${session}.${name}`) as tf.Tensor as T);
}

/** The shifters of all sessions, applied to the whole batch at once. Each session has separate parameters, `{session}.{name}`. */
export interface PlannedShifter {
  readonly weights: readonly WeightSpec[];
  /**
   * Computes the shift of the units' positions with the eye; undefined for a model without a shifter.
   *
   * @param eyepos_B2 eye position of each sample
   * @param dataset_B the session of each sample, int32
   * @returns `[B, 2]`, (dy, dx) in pixels of the core's output
   */
  readonly apply?: (eyepos_B2: tf.Tensor2D, dataset_B: tf.Tensor1D, weights: Weights) => tf.Tensor2D;
}
