import { tf } from "../../engine";
import { component, plainPlan, type VideoShape } from "../../nn";
import { adaptationKernels, adaptationOptions, LEAST_DIVISOR } from "../../signal/adaptation";
import { applyBank, causal, filterBank } from "./filter-bank";
import type { PlannedFrontend } from "./planned";

/**
 * Dynamical adaptation (Clark et al. 2013): a fast response divided by a slow one, `alpha y / (1 + beta z)`, each the
 * input seen through a causal kernel; zeros before the first frame. Nothing is learned.
 */
export const da = component(adaptationOptions, (o, _at, input: VideoShape): PlannedFrontend => {
  const { fast, slow } = adaptationKernels(o);
  const { time, height, width, channels } = input;
  const plan = plainPlan(input, (x) => {
    const [y, z] = applyBank(x, filterBank([fast, slow], time, causal));
    const divisor = tf.maximum(tf.add(tf.mul(z!, Math.max(0, o.beta)), 1), LEAST_DIVISOR);
    return tf.reshape(tf.div(tf.mul(y!, o.alpha), divisor), x.shape);
  });
  return { ...plan, flops: 4 * time * time * height * width * channels };
});
