import { z } from "zod";
import { tf } from "../../engine";
import { component, prefixed, type VideoShape, type Weights } from "../../nn";
import { constant, uniformByFanIn, zeros } from "../../nn/initializers";
import { sessionWeights } from "../../nn/plan";
import { ofSessions, type PlannedReadouts, type UnitFacts } from "../stages";
import { bySession, derivedOptions, featureOptions, planFeatures } from "./units";

/** Returns the newest frame with flattened pixels: `[B, T, H, W, C]` → `[B, H W, C]`. */
export function lastFrame(x_BTHWC: tf.Tensor5D): tf.Tensor3D {
  const [batch, time, height, width, channels] = x_BTHWC.shape;
  const last =
    time === 1 ? x_BTHWC : tf.slice(x_BTHWC, [0, time - 1, 0, 0, 0], [batch, 1, height, width, channels]);
  return tf.reshape(last, [batch, height * width, channels]);
}

/**
 * Computes `Σ_p mask[p, n] Σ_c features[c, n] frame[b, p, c]`: all masks form one matrix, with one product for the whole batch and all
 * sessions. Masks per sample, `[B, P, N]`, cost more than shared masks, `[P, N]`.
 *
 * @returns `[B, N]`
 */
export function readThrough(
  frame_BPC: tf.Tensor3D,
  masks: tf.Tensor2D | tf.Tensor3D,
  features_CN: tf.Tensor2D,
): tf.Tensor2D {
  const [batch, pixels, channels] = frame_BPC.shape;
  const units = features_CN.shape[1];
  // The product with the smaller result comes first.
  if (masks.rank === 2 && channels < pixels) {
    const byChannel = tf.reshape(tf.transpose(frame_BPC, [0, 2, 1]), [batch * channels, pixels]);
    const seen = tf.matMul(byChannel as tf.Tensor2D, masks as tf.Tensor2D);
    return tf.sum(tf.mul(tf.reshape(seen, [batch, channels, units]), features_CN), 1);
  }
  const byPixel = tf.matMul(tf.reshape(frame_BPC, [batch * pixels, channels]) as tf.Tensor2D, features_CN);
  return tf.sum(tf.mul(tf.reshape(byPixel, [batch, pixels, units]), masks), 1);
}

const linearOptions = z.strictObject({ bias: z.boolean().default(true), ...derivedOptions });

/** Takes the mean over space of the last frame, then applies a dense layer per session. */
export const linear = component(linearOptions, (o, _at, input: VideoShape, units: readonly number[]) => {
  const { channels } = input;
  const initial = uniformByFanIn(channels);
  const weights = units.flatMap((n, session) =>
    sessionWeights(
      session,
      prefixed("fc", [
        { name: "weight", shape: [channels, n], initial },
        ...(o.bias ? [{ name: "bias", shape: [n], initial }] : []),
      ]),
    ),
  );
  const readouts: PlannedReadouts = {
    weights,
    flops: 2 * channels * units.reduce((a, b) => a + b, 0),
    shiftable: false,
    apply: (x: tf.Tensor5D, get: Weights) => {
      const mean = tf.mean(lastFrame(x), 1) as tf.Tensor2D;
      const rates = tf.matMul<tf.Tensor2D>(mean, tf.concat(ofSessions(units, get, "fc.weight"), 1));
      return o.bias ? tf.add<tf.Tensor2D>(rates, tf.concat(ofSessions(units, get, "fc.bias"))) : rates;
    },
    biasOf: (session) => (o.bias ? `${session}.fc.bias` : undefined),
  };
  return readouts;
});

const factorizedOptions = z.strictObject({ bias: z.boolean().default(true), ...featureOptions });

const LEAST_SUM = 1e-8;

/** Reads the core's output with feature weights and, for every pixel, the absolute value of a weight, per unit (Klindt et al. 2017). */
export const factorized = component(
  factorizedOptions,
  (o, at, input: VideoShape, units: readonly number[], facts: UnitFacts = {}) => {
    const { height, width, channels } = input;
    const pixels = height * width;
    const features = planFeatures(o, at, channels, units, facts);
    const weights = units.flatMap((n, session) =>
      sessionWeights(session, [
        { name: "spatial", shape: [n, pixels], initial: constant(1 / pixels), frame: { height, width } },
        ...(o.bias ? [{ name: "bias", shape: [n], initial: zeros }] : []),
      ]),
    );
    // The gradient of tfjs's `abs` at 0 is -1, but a weight at 0 should stay there.
    const masks = (get: Weights) => {
      const spatial = tf.concat(ofSessions(units, get, "spatial"), 0) as tf.Tensor2D;
      return tf.mul<tf.Tensor2D>(spatial, tf.sign(spatial));
    };
    const normalised = (get: Weights) => {
      const found = masks(get);
      return tf.div<tf.Tensor2D>(found, tf.add(tf.sum(found, 1, true), LEAST_SUM));
    };
    const places = Array.from({ length: pixels }, (_, p) => [
      Math.floor(p / width) - (height - 1) / 2,
      (p % width) - (width - 1) / 2,
    ]);
    const readouts: PlannedReadouts = {
      weights: bySession([...features.weights, ...weights]),
      flops: 2 * channels * pixels * units.reduce((a, b) => a + b, 0),
      shiftable: false,
      apply: (x, get) => {
        const rates = readThrough(lastFrame(x), tf.transpose(masks(get)), features.of(get));
        return o.bias ? tf.add<tf.Tensor2D>(rates, tf.concat(ofSessions(units, get, "bias"))) : rates;
      },
      biasOf: (session) => (o.bias ? `${session}.bias` : undefined),
      features: features.of,
      masks: {
        apply: normalised,
        means: (get) => tf.matMul(normalised(get), tf.tensor2d(places)),
      },
    };
    return readouts;
  },
);
