import { z } from "zod";
import { tf } from "../../engine";
import { component } from "../component";
import { constant, zeros } from "../initializers";
import type { VideoShape } from "../shape";
import { sumOfSquares } from "../sum-of-squares";
import { eps, normPlan } from "./affine";

/** The initial gain. */
const GAMMA = 0.1;
/** Added under the square root, so that a channel of zeros has the gradient 0 and not 0/0. */
const LEAST_SQUARE = 1e-12;

/**
 * Global response normalisation, `x + beta + gamma x n` with `n = |x| / mean over channels of |x|` and the norm over time
 * and space (Woo et al. 2023, ConvNeXt V2).
 */
export const grn = component(z.strictObject({ eps }), (options, _at, input: VideoShape) => {
  const weights = [
    { name: "gamma", shape: [input.channels], initial: constant(GAMMA) },
    { name: "beta", shape: [input.channels], initial: zeros },
  ];
  return normPlan(input, weights, (x, get) => {
    const response = tf.sqrt(tf.add(sumOfSquares(x, [1, 2, 3]), LEAST_SQUARE));
    const relative = tf.div(response, tf.add(tf.mean(response, -1, true), options.eps));
    // Only one product involves the large x; the gains, one per channel and sample, are small.
    return tf.add(tf.mul(x, tf.add(tf.mul(relative, get("gamma")), 1)), get("beta"));
  });
});
