import { z } from "zod";
import { tf } from "../../engine";
import { component } from "../component";
import { ones } from "../initializers";
import type { Plan } from "../plan";
import { SAME_PLACE, type VideoShape } from "../shape";

/** `[relu(x) |gain|, relu(-x)]`: twice the channels. */
export const splitrelu = component(
  z.strictObject({ trainable_gain: z.boolean().default(false) }),
  ({ trainable_gain: trained }, _at, input: VideoShape): Plan => ({
    output: { ...input, channels: 2 * input.channels },
    weights: [{ name: "gain", shape: [1], initial: ones, trained }],
    flops: 0,
    geometry: SAME_PLACE,
    apply: (x, weights) => {
      const on = tf.relu(x);
      return tf.concat([trained ? tf.mul(on, tf.abs(weights("gain"))) : on, tf.relu(tf.neg(x))], -1);
    },
  }),
);
