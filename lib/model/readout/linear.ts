import { z } from "zod";
import { tf } from "../../engine";
import { component, prefixed, type VideoShape, type Weights } from "../../nn";
import { constant, uniformByFanIn, zeros } from "../../nn/initializers";
import { sessionWeights } from "../../nn/plan";
import { ofSessions, type PlannedReadouts, type UnitFacts } from "../stages";
import type { UnitColumns } from "../unit-columns";
import { bySession, derivedOptions, featureOptions, planFeatures } from "./units";

/** Returns the newest frame with flattened pixels: `[B, T, H, W, C]` → `[B, H W, C]`. */
export function lastFrame(x_BTHWC: tf.Tensor5D): tf.Tensor3D {
  const [batch, time, height, width, channels] = x_BTHWC.shape;
  const last =
    time === 1 ? x_BTHWC : tf.slice(x_BTHWC, [0, time - 1, 0, 0, 0], [batch, 1, height, width, channels]);
  return tf.reshape(last, [batch, height * width, channels]);
}

/**
 * Computes `Σ_p mask[p, u] Σ_c features[c, u] frame[b, p, c]` for the units of the columns. The product with the smaller result comes first.
 *
 * @param masks `[P, units]` of each session, for all samples
 * @param features `[C, units]` of each session
 * @returns `[B, L]`
 */
export function readThrough(
  frame_BPC: tf.Tensor3D,
  masks: readonly tf.Tensor2D[],
  features: readonly tf.Tensor2D[],
  columns: UnitColumns,
): tf.Tensor2D {
  const [, pixels, channels] = frame_BPC.shape;
  const [through, then, frame] =
    channels < pixels ? [masks, features, tf.transpose(frame_BPC, [0, 2, 1])] : [features, masks, frame_BPC];
  return tf.sum(tf.mul(columns.matMul(frame, through), columns.values(then, 1)), 1);
}

/** Adds the units' biases to `[B, L]`, for readouts that have them. */
export function withBias(
  rates_BL: tf.Tensor2D,
  biases: readonly tf.Tensor[] | undefined,
  columns: UnitColumns,
): tf.Tensor2D {
  return biases ? tf.add(rates_BL, columns.values(biases)) : rates_BL;
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
    flops: 2 * channels * Math.max(...units),
    shiftable: false,
    apply: (x, columns, get) => {
      const mean = tf.mean<tf.Tensor3D>(lastFrame(x), 1, true);
      const rates = columns.matMul(mean, ofSessions<tf.Tensor2D>(units, get, "fc.weight"));
      const biases = o.bias ? ofSessions(units, get, "fc.bias") : undefined;
      return withBias(tf.squeeze(rates, [1]), biases, columns);
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
    const masks = (get: Weights) =>
      ofSessions<tf.Tensor2D>(units, get, "spatial").map((spatial) =>
        tf.mul<tf.Tensor2D>(spatial, tf.sign(spatial)),
      );
    const normalised = (get: Weights) => {
      const found = tf.concat(masks(get), 0);
      return tf.div<tf.Tensor2D>(found, tf.add(tf.sum(found, 1, true), LEAST_SUM));
    };
    const places = Array.from({ length: pixels }, (_, p) => [
      Math.floor(p / width) - (height - 1) / 2,
      (p % width) - (width - 1) / 2,
    ]);
    const readouts: PlannedReadouts = {
      weights: bySession([...features.weights, ...weights]),
      flops: 2 * channels * pixels * Math.max(...units),
      shiftable: false,
      apply: (x, columns, get) => {
        const each = masks(get).map((mask) => tf.transpose(mask));
        const rates = readThrough(lastFrame(x), each, features.of(get), columns);
        return withBias(rates, o.bias ? ofSessions(units, get, "bias") : undefined, columns);
      },
      biasOf: (session) => (o.bias ? `${session}.bias` : undefined),
      features: (get) => tf.concat(features.of(get), 1),
      masks: {
        apply: normalised,
        means: (get) => tf.matMul(normalised(get), tf.tensor2d(places)),
      },
    };
    return readouts;
  },
);
