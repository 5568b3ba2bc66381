import { z } from "zod";
import { tf } from "../../engine";
import { component } from "../component";
import { perFrame } from "../newest";
import type { VideoShape } from "../shape";
import { sumOfSquares } from "../sum-of-squares";
import { affine, affineWeights, eps, normPlan } from "./affine";

/** Computes `x / sqrt(mean(x²) + eps) * gamma + beta` over channels (Zhang & Sennrich 2019). */
export const rms = component(
  z.strictObject({ eps, affine: z.boolean().default(true) }),
  (options, _at, input: VideoShape) =>
    perFrame(
      normPlan(input, affineWeights(options.affine, input.channels), (x, weights) => {
        const scale = tf.rsqrt(tf.add(tf.div(sumOfSquares(x, [4]), input.channels), options.eps));
        return affine(options.affine, tf.mul(x, scale), weights);
      }),
    ),
);
