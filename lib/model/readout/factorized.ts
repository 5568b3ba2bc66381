import { z } from "zod";
import { tf } from "../../engine";
import { component, sessionWeights, type VideoShape, type Weights } from "../../nn";
import { constant, zeros } from "../../nn/initializers";
import { lastFrame, readThrough } from "./last-frame";
import { ofSessions, type PlannedReadouts, type UnitFacts } from "./planned";
import { bySession, featureOptions, planFeatures } from "./units";

const options = z.strictObject({ bias: z.boolean().default(true), ...featureOptions });

const LEAST_SUM = 1e-8;

/** Reads the core's output with feature weights and, for every pixel, the absolute value of a weight, per unit (Klindt et al. 2017). */
export const factorized = component(
  options,
  (o, at, input: VideoShape, units: readonly number[], facts: UnitFacts = {}) => {
    const { height, width, channels } = input;
    const pixels = height * width;
    const features = planFeatures(o, at, channels, units, facts);
    const weights = units.flatMap((n, session) =>
      sessionWeights(session, [
        { name: "spatial", shape: [n, pixels], initial: constant(1 / pixels) },
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
      masks: {
        apply: normalised,
        means: (get) => tf.matMul(normalised(get), tf.tensor2d(places)),
      },
    };
    return readouts;
  },
);
