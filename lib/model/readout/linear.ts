import { z } from "zod";
import { tf } from "../../engine";
import { component, prefixed, sessionWeights, type VideoShape, type Weights } from "../../nn";
import { uniformByFanIn } from "../../nn/initializers";
import { lastFrame } from "./last-frame";
import { ofSessions, type PlannedReadouts } from "./planned";

const options = z.strictObject({ bias: z.boolean().default(true) });

/** Takes the mean over space of the last frame, then applies a dense layer per session. */
export const linear = component(options, (o, _at, input: VideoShape, units: readonly number[]) => {
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
