import { z } from "zod";
import { tf } from "../../engine";
import { component, type VideoShape, type Weights } from "../../nn";
import { constant, zeros } from "../../nn/initializers";
import { sessionWeights } from "../../nn/plan";
import { ofSessions, type PlannedReadouts, type UnitFacts } from "../stages";
import type { UnitColumns } from "../unit-columns";
import { lastFrame, readThrough, withBias } from "./linear";
import { bySession, featureOptions, meanOptions, planFeatures, planMeans } from "./units";

const options = z.strictObject({
  bias: z.boolean().default(true),
  initial_std: z.number().positive().default(5),
  ...meanOptions,
  ...featureOptions,
});

/** The least standard deviation in pixels. Masks are not narrower, and the gradient is 0 below it. */
const LEAST_STD = 1e-3;
const LEAST_SUM = 1e-8;

/**
 * Reads the core's output with feature weights and a 2-D Gaussian mask over pixels, per unit. The mask has sum 1, is rotated by theta,
 * and a mean of 0 is the centre. It follows Klindt et al. 2017 and Lurz et al. 2021, with the whole mask instead of a sampled point. An
 * offset moves the masks of a sample, which are then normalised again.
 */
export const gaussian = component(
  options,
  (o, at, input: VideoShape, units: readonly number[], facts: UnitFacts = {}) => {
    const { height, width, channels } = input;
    const features = planFeatures(o, at, channels, units, facts);
    const means = planMeans(o, at, input, units, facts);
    const weights = units.flatMap((n, session) =>
      sessionWeights(session, [
        { name: "std", shape: [n, 2], initial: constant(o.initial_std) },
        { name: "theta", shape: [n], initial: zeros },
        ...(o.bias ? [{ name: "bias", shape: [n], initial: zeros }] : []),
      ]),
    );
    /** Returns the masks of each session, `[P, units]`. */
    const masks = (get: Weights): tf.Tensor2D[] =>
      means.of(get).map((mean, session) => {
        const [std, theta] = [get(`${session}.std`), get(`${session}.theta`)];
        const rows = tf.expandDims(mean, 0) as tf.Tensor3D;
        return tf.squeeze<tf.Tensor2D>(gaussianMasks(rows, std, theta, height, width), [0]);
      });
    /** Reads through masks that move with each sample. */
    const readMoved = (frame: tf.Tensor3D, columns: UnitColumns, get: Weights, offset: tf.Tensor2D) => {
      const of = (name: string) => columns.values(ofSessions(units, get, name));
      const mean = tf.add<tf.Tensor3D>(columns.values(means.of(get)), tf.expandDims(offset, 1));
      const moved = gaussianMasks(mean, of("std"), of("theta"), height, width);
      return tf.sum<tf.Tensor2D>(tf.mul(columns.matMul(frame, features.of(get)), moved), 1);
    };
    const readouts: PlannedReadouts = {
      weights: bySession([...features.weights, ...means.weights, ...weights]),
      flops: 2 * channels * height * width * Math.max(...units),
      shiftable: true,
      apply: (x, columns, get, _mode, offset) => {
        const frame = lastFrame(x);
        const rates = offset
          ? readMoved(frame, columns, get, offset)
          : readThrough(frame, masks(get), features.of(get), columns);
        return withBias(rates, o.bias ? ofSessions(units, get, "bias") : undefined, columns);
      },
      biasOf: (session) => (o.bias ? `${session}.bias` : undefined),
      features: (get) => tf.concat(features.of(get), 1),
      masks: {
        apply: (get) => tf.transpose(tf.concat(masks(get), 1)),
        means: (get) => tf.concat(means.of(get), 0),
      },
    };
    return readouts;
  },
);

/**
 * Computes exp(-(u² + v²) / 2) divided by its sum, where u and v are the rotated distances in standard deviations.
 *
 * @param mean `[L, N, 2]`, one row of means or one for each sample
 * @param std `[N, 2]`, or `[L, N, 2]`
 * @param theta `[N]`, or `[L, N]`
 * @returns `[L, height * width, N]`
 */
export function gaussianMasks(
  mean: tf.Tensor3D,
  std: tf.Tensor,
  theta: tf.Tensor,
  height: number,
  width: number,
): tf.Tensor3D {
  const [rows, units] = mean.shape;
  /** Returns `[L or 1, 1, 1, N]`. */
  const ofUnits = (x: tf.Tensor) => tf.reshape(x, [-1, 1, 1, units]);
  const axesOf = (x: tf.Tensor) => tf.split(x, 2, -1).map(ofUnits) as [tf.Tensor, tf.Tensor];
  const [y, x] = axesOf(mean);
  const [along, across] = axesOf(tf.maximum(std, LEAST_STD));
  const grid = (size: number) => Float32Array.from({ length: size }, (_, i) => i - (size - 1) / 2);
  const dy = tf.sub(tf.tensor4d(grid(height), [1, height, 1, 1]), y);
  const dx = tf.sub(tf.tensor4d(grid(width), [1, 1, width, 1]), x);
  const [cos, sin] = [ofUnits(tf.cos(theta)), ofUnits(tf.sin(theta))];
  const u = tf.div(tf.add(tf.mul(dy, cos), tf.mul(dx, sin)), along);
  const v = tf.div(tf.sub(tf.mul(dx, cos), tf.mul(dy, sin)), across);
  const bell = tf.exp(tf.mul(tf.add(tf.square(u), tf.square(v)), -0.5));
  const masks = tf.reshape(bell, [rows, height * width, units]);
  return tf.div(masks, tf.add(tf.sum(masks, 1, true), LEAST_SUM));
}
