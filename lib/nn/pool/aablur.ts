import { tf } from "../../engine";
import { component } from "../component";
import { asFrames, asVideo } from "../frames";
import { perFrame } from "../newest";
import type { VideoShape } from "../shape";
import type { PlannedPool } from "./planned";
import { sePool, softPoolOptions } from "./se-pool";

/** A binomial kernel over 3×3 pixels with sum 1. */
const BLUR = [1, 2, 1].flatMap((row) => [1, 2, 1].map((column) => (row * column) / 16));

/** Applies a blur that prevents aliasing by strides (Zhang 2019; zeros outside), then `se_pool`. */
export const aablur = component(softPoolOptions, (options, at, input: VideoShape) => {
  const { plan, stride } = sePool.plan(options, at, input);
  const values = BLUR.flatMap((weight) => Array<number>(input.channels).fill(weight));
  const pool: PlannedPool = {
    stride,
    plan: perFrame({
      ...plan,
      apply: (x, weights, mode) => {
        const kernel = tf.tensor4d(values, [3, 3, input.channels, 1]);
        const blurred = tf.depthwiseConv2d(asFrames(x), kernel, 1, "same");
        return plan.apply(asVideo(blurred, x.shape[0]), weights, mode);
      },
    }),
  };
  return pool;
});
