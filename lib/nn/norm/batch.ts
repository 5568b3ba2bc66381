import { z } from "zod";
import { tf } from "../../engine";
import { component } from "../component";
import { ones, zeros } from "../initializers";
import type { Weights } from "../plan";
import type { VideoShape } from "../shape";
import { affineWeights, eps, normPlan } from "./affine";

/** The weight of a batch's statistics in the update of the running ones. */
const MOMENTUM = 0.1;
const AXES = [0, 1, 2, 3];

/**
 * Normalises each channel to mean 0 and variance 1 over the whole batch, time and space (Ioffe & Szegedy 2015). Training uses the batch's
 * own statistics and updates the running ones, `running_mean` and `running_var` (unbiased). These are state: saved, assigned in the step,
 * without a gradient. Evaluation uses the running statistics.
 */
export const batch = component(
  z.strictObject({ eps, affine: z.boolean().default(true) }),
  (options, _at, input: VideoShape) => {
    const shape = [input.channels];
    const weights = [
      ...affineWeights(options.affine, input.channels),
      { name: "running_mean", shape, initial: zeros, trained: false },
      { name: "running_var", shape, initial: ones, trained: false },
    ];
    return normPlan(input, weights, (x, get, { training }) => {
      const mean = training ? tf.mean(x, AXES) : get("running_mean");
      const centred = tf.sub(x, mean);
      const variance = training ? tf.mean(tf.square(centred), AXES) : get("running_var");
      if (training) {
        const values = x.size / input.channels;
        move(get, "running_mean", mean);
        move(get, "running_var", tf.mul(variance, values / Math.max(1, values - 1)));
      }
      const scale = tf.rsqrt(tf.add(variance, options.eps));
      if (!options.affine) return tf.mul(centred, scale);
      return tf.add(tf.mul(centred, tf.mul(scale, get("gamma"))), get("beta"));
    });
  },
);

/** Moves a running statistic towards the batch's. */
function move(get: Weights, name: string, value: tf.Tensor): void {
  const running = get(name);
  running.assign(tf.add(tf.mul(running, 1 - MOMENTUM), tf.mul(value, MOMENTUM)));
}
