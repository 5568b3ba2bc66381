import { z } from "zod";
import { tf } from "../../engine";
import { component } from "../component";
import { perFrame } from "../newest";
import type { VideoShape } from "../shape";
import { eps, normPlan } from "./affine";

/** Normalises to mean 0 and variance 1 over channels, without gain or shift (Ba et al. 2016). */
export const layer = component(z.strictObject({ eps }), (options, _at, input: VideoShape) =>
  perFrame(normPlan(input, [], (x) => standardised(x, [4], options.eps))),
);

/** Normalises to mean 0 and (biased) variance 1 over some axes. */
export function standardised<T extends tf.Tensor>(x: T, axes: number[], eps: number): T {
  const centred = tf.sub(x, tf.mean(x, axes, true));
  return tf.mul(centred, tf.rsqrt(tf.add(tf.mean(tf.square(centred), axes, true), eps)));
}
