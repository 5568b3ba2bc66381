import { z } from "zod";
import { tf } from "../../engine";
import { component } from "../component";
import { constant } from "../initializers";
import { perFrame } from "../newest";
import type { Plan } from "../plan";
import { SAME_PLACE, type VideoShape } from "../shape";

/** `softplus(beta x) / beta`, where beta is learned as its logarithm and clamped to `[beta_min, beta_max]`. */
export const bsoftplus = component(
  z.strictObject({
    beta_init: z.number().positive().default(1),
    beta_min: z.number().positive().default(0.1),
    beta_max: z.number().positive().default(10),
  }),
  ({ beta_init, beta_min, beta_max }, _at, input: VideoShape): Plan =>
    perFrame({
      output: input,
      weights: [{ name: "log_beta", shape: [], initial: constant(Math.log(beta_init)) }],
      flops: 0,
      geometry: SAME_PLACE,
      apply: (x, weights) => {
        const beta = tf.clipByValue(tf.exp(weights("log_beta")), beta_min, beta_max);
        return tf.div(tf.softplus(tf.mul(x, beta)), beta);
      },
    }),
);
