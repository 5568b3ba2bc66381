import { z } from "zod";
import { tf } from "../../engine";
import type { WeightSpec, Weights } from "../../nn";
import { constant, zeros } from "../../nn/initializers";
import { sessionWeights } from "../../nn/plan";
import { ofSessions } from "../stages";
import type { UnitColumns } from "../unit-columns";

/** Options of the distribution from which a unit's positions are drawn. */
export const spreadOptions = {
  /** The standard deviation at the start, in pixels. */
  initial_std: z.number().default(1),
  /** `diagonal` has a width along each axis, `isotropic` one for both, `full` also a covariance of the axes (Lurz et al. 2021). */
  covariance: z.enum(["diagonal", "isotropic", "full"]).default("diagonal"),
};

type SpreadOptions = z.output<z.ZodObject<typeof spreadOptions>>;

/** The widths of the units' distributions. */
export interface PlannedSpread {
  readonly weights: readonly WeightSpec[];
  /** Turns standard normal noise, `[B or 1, L, 2]`, into distances (y, x) from the units' means. */
  distances(noise: tf.Tensor3D, columns: UnitColumns, get: Weights): tf.Tensor3D;
}

/**
 * Plans the widths of each session's units: `{session}.std`, `[units, 2]` or `[units, 1]`, and for a full covariance `{session}.cross`,
 * `[units, 1]`, the element below the diagonal of its Cholesky factor `[[std_y, 0], [cross, std_x]]`.
 */
export function planSpread(
  { initial_std, covariance }: SpreadOptions,
  units: readonly number[],
): PlannedSpread {
  const [widths, isFull] = [covariance === "isotropic" ? 1 : 2, covariance === "full"];
  return {
    weights: units.flatMap((n, session) =>
      sessionWeights(session, [
        { name: "std", shape: [n, widths], initial: constant(initial_std) },
        ...(isFull ? [{ name: "cross", shape: [n, 1], initial: zeros }] : []),
      ]),
    ),
    distances: (noise, columns, get) => {
      const own = tf.mul<tf.Tensor3D>(columns.values(ofSessions(units, get, "std")), noise);
      if (!isFull) return own;
      const [alongY] = tf.split(noise, 2, 2) as [tf.Tensor3D, tf.Tensor3D];
      const crossed = tf.mul<tf.Tensor3D>(columns.values(ofSessions(units, get, "cross")), alongY);
      return tf.add(own, tf.concat([tf.zerosLike(crossed), crossed], 2));
    },
  };
}
