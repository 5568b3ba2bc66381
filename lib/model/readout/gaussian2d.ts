import { z } from "zod";
import { tf } from "../../engine";
import { component, type Mode, type VideoShape, type Weights } from "../../nn";
import { rngOf } from "../../nn/dropout";
import { constant, zeros } from "../../nn/initializers";
import { sessionWeights } from "../../nn/plan";
import { interpolation, sampleAt } from "../adapter/bilinear";
import { ofSessions, type PlannedReadouts, type UnitFacts } from "../stages";
import { bySession, featureOptions, meanOptions, planFeatures, planMeans } from "./units";

const options = z.strictObject({
  bias: z.boolean().default(true),
  initial_std: z.number().default(1),
  /** Whether training draws one position per sample instead of one per batch. */
  batch_sample: z.boolean().default(true),
  ...meanOptions,
  ...featureOptions,
});

/**
 * Reads the core's output with feature weights at one point instead of a mask, per unit. In training, the point is drawn from a Gaussian;
 * otherwise it is the Gaussian's mean (Lurz et al. 2021). The features at the point are interpolated between pixels; a point beyond the
 * edge is moved to the edge.
 */
export const gaussian2d = component(
  options,
  (o, at, input: VideoShape, units: readonly number[], facts: UnitFacts = {}) => {
    const { height, width, channels } = input;
    const total = units.reduce((a, b) => a + b, 0);
    const features = planFeatures(o, at, channels, units, facts);
    const means = planMeans(o, at, input, units, facts);
    const weights = units.flatMap((n, session) =>
      sessionWeights(session, [
        { name: "std", shape: [n, 2], initial: constant(o.initial_std) },
        ...(o.bias ? [{ name: "bias", shape: [n], initial: zeros }] : []),
      ]),
    );
    const all = (get: Weights, name: string) => tf.concat(ofSessions(units, get, name), 0);
    /** Returns positions `[L, N, 2]`, where L is the batch or 1; (y, x) in pixels from the centre, inside the frame. */
    const positions = (get: Weights, batch: number, mode: Mode, offset?: tf.Tensor2D): tf.Tensor3D => {
      let place = tf.expandDims(means.of(get), 0) as tf.Tensor3D;
      if (mode.training) {
        const noise = rngOf(mode, at.path).normal([o.batch_sample ? batch : 1, total, 2], at.path);
        place = tf.add(place, tf.mul(all(get, "std"), noise));
      }
      if (offset) place = tf.add(place, tf.expandDims(offset, 1));
      return positionsOf(place, height, width);
    };
    const apply = (x: tf.Tensor5D, get: Weights, mode: Mode, offset?: tf.Tensor2D): tf.Tensor2D => {
      const [batch, time] = x.shape;
      const last = tf.slice(x, [0, time - 1, 0, 0, 0], [batch, 1, height, width, channels]);
      const places = positions(get, batch, mode, offset);
      const [y, x_] = pixelsOf(places, batch, height, width);
      const seen = sampleAt(tf.reshape(last, [batch, height, width, channels]), y, x_);
      const rates = tf.sum(tf.mul(seen, tf.transpose(features.of(get))), 2) as tf.Tensor2D;
      return o.bias ? tf.add<tf.Tensor2D>(rates, all(get, "bias")) : rates;
    };
    const still = { training: false };
    const readouts: PlannedReadouts = {
      weights: bySession([...features.weights, ...means.weights, ...weights]),
      flops: 2 * 5 * channels * total,
      shiftable: true,
      apply,
      biasOf: (session) => (o.bias ? `${session}.bias` : undefined),
      features: features.of,
      masks: {
        apply: (get) => {
          const [y, x] = pixelsOf(positions(get, 1, still), 1, height, width);
          const rows = tf.reshape(interpolation(y, height), [total, height, 1]);
          return tf.reshape(tf.mul(rows, tf.reshape(interpolation(x, width), [total, 1, width])), [
            total,
            -1,
          ]);
        },
        means: (get) => tf.squeeze(positions(get, 1, still), [0]) as tf.Tensor2D,
      },
    };
    return readouts;
  },
);

/** Clamps positions to the first and last pixel; the gradient is 0 beyond. */
export function positionsOf(places: tf.Tensor3D, height: number, width: number): tf.Tensor3D {
  const [y, x] = tf.split(places, 2, 2) as tf.Tensor3D[];
  // On a single pixel, tfjs's clip is a constant without a gradient; the position needs a gradient of 0.
  const clamp = (at: tf.Tensor3D, size: number) =>
    size === 1 ? tf.mul<tf.Tensor3D>(at, 0) : tf.clipByValue(at, -(size - 1) / 2, (size - 1) / 2);
  return tf.concat([clamp(y!, height), clamp(x!, width)], 2);
}

/** Returns rows and columns counted from the first pixel, for every sample, `[B, N]` each. */
function pixelsOf(
  places: tf.Tensor3D,
  batch: number,
  height: number,
  width: number,
): [tf.Tensor2D, tf.Tensor2D] {
  const [rows, units] = places.shape;
  const everySample = rows === batch ? places : tf.tile(places, [batch, 1, 1]);
  const [y, x] = tf.split(everySample, 2, 2).map((part) => tf.reshape(part, [batch, units]));
  return [tf.add(y!, (height - 1) / 2), tf.add(x!, (width - 1) / 2)] as [tf.Tensor2D, tf.Tensor2D];
}
