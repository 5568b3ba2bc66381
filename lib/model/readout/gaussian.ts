import { z } from "zod";
import { tf } from "../../engine";
import { component, type VideoShape, type Weights } from "../../nn";
import { constant, zeros } from "../../nn/initializers";
import { sessionWeights } from "../../nn/plan";
import { ofSessions, type PlannedReadouts, type UnitFacts } from "../stages";
import { lastFrame, readThrough } from "./linear";
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
    const all = (get: Weights, name: string) => tf.concat(ofSessions(units, get, name), 0);
    const masks = (get: Weights, offset?: tf.Tensor2D) => {
      const mean = means.of(get);
      const moved = offset ? tf.add<tf.Tensor3D>(mean, tf.expandDims(offset, 1)) : tf.expandDims(mean, 0);
      return gaussianMasks(moved as tf.Tensor3D, all(get, "std"), all(get, "theta"), height, width);
    };
    const readouts: PlannedReadouts = {
      weights: bySession([...features.weights, ...means.weights, ...weights]),
      flops: 2 * channels * height * width * units.reduce((a, b) => a + b, 0),
      shiftable: true,
      apply: (x, get, _mode, offset) => {
        const found = masks(get, offset);
        const shared = offset ? found : (tf.squeeze(found, [0]) as tf.Tensor2D);
        const rates = readThrough(lastFrame(x), shared, features.of(get));
        return o.bias ? tf.add<tf.Tensor2D>(rates, all(get, "bias")) : rates;
      },
      biasOf: (session) => (o.bias ? `${session}.bias` : undefined),
      features: features.of,
      masks: {
        apply: (get) => tf.transpose(tf.squeeze(masks(get), [0])) as tf.Tensor2D,
        means: (get) => means.of(get),
      },
    };
    return readouts;
  },
);

/**
 * Computes exp(-(u² + v²) / 2) divided by its sum, where u and v are the rotated distances in standard deviations.
 *
 * @param mean `[L, N, 2]`, one row of means or one for each sample
 * @returns `[L, height * width, N]`
 */
export function gaussianMasks(
  mean: tf.Tensor3D,
  std: tf.Tensor,
  theta: tf.Tensor,
  height: number,
  width: number,
): tf.Tensor3D {
  const units = std.shape[0]!;
  const rows = mean.shape[0];
  const place = (axis: number) =>
    tf.reshape(tf.slice(mean, [0, 0, axis], [rows, units, 1]), [rows, 1, 1, units]);
  const spread = tf.maximum(std, LEAST_STD);
  const ofAxis = (axis: number) => tf.reshape(tf.slice(spread, [0, axis], [units, 1]), [units]);
  const grid = (size: number) => Float32Array.from({ length: size }, (_, i) => i - (size - 1) / 2);
  const dy = tf.sub(tf.tensor4d(grid(height), [1, height, 1, 1]), place(0));
  const dx = tf.sub(tf.tensor4d(grid(width), [1, 1, width, 1]), place(1));
  const [cos, sin] = [tf.cos(theta), tf.sin(theta)];
  const u = tf.div(tf.add(tf.mul(dy, cos), tf.mul(dx, sin)), ofAxis(0));
  const v = tf.div(tf.sub(tf.mul(dx, cos), tf.mul(dy, sin)), ofAxis(1));
  const bell = tf.exp(tf.mul(tf.add(tf.square(u), tf.square(v)), -0.5));
  const masks = tf.reshape(bell, [rows, height * width, units]);
  return tf.div(masks, tf.add(tf.sum(masks, 1, true), LEAST_SUM));
}
