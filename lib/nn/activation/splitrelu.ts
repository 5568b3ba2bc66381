import { z } from "zod";
import { tf } from "../../engine";
import { component } from "../component";
import { ones } from "../initializers";
import { perFrame } from "../newest";
import { type Plan, sizeOf, type Weights } from "../plan";
import { SAME_PLACE, type VideoShape } from "../shape";

/** `[relu(x) |gain|, relu(-x)]`: twice the channels. */
export const splitrelu = component(
  z.strictObject({ trainable_gain: z.boolean().default(false) }),
  ({ trainable_gain: trained }, _at, input: VideoShape): Plan => {
    const halves = (up: tf.Tensor5D, down: tf.Tensor5D, weights: Weights) => {
      const on = tf.relu(up);
      const gained = trained ? tf.mul<tf.Tensor5D>(on, tf.abs(weights("gain"))) : on;
      return tf.concat([gained, tf.relu(down)], -1);
    };
    const plan = perFrame<Plan>({
      output: { ...input, channels: 2 * input.channels },
      weights: [{ name: "gain", shape: [1], initial: ones, trained }],
      flops: 0,
      geometry: SAME_PLACE,
      apply: (x, weights) => halves(x, tf.neg(x), weights),
    });
    const behind = (pooling: Plan): Plan => {
      const { newest } = pooling;
      return {
        weights: plan.weights,
        flops: plan.flops,
        output: pooling.output,
        geometry: pooling.geometry,
        kept: sizeOf(input) + sizeOf(pooling.output),
        apply: (x, weights, mode) =>
          halves(pooling.apply(x, weights, mode), pooling.apply(tf.neg(x), weights, mode), weights),
        ...(newest && {
          newest: (frames) => {
            const { plan: part, needs } = newest(frames);
            return { plan: behind(part), needs };
          },
        }),
      };
    };
    return { ...plan, behind };
  },
);
