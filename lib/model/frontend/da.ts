import { adaptationKernels, adaptationOptions, LEAST_DIVISOR } from "../../base/dsp/adaptation";
import { tf } from "../../engine";
import { component, plainPlan, type VideoShape } from "../../nn";
import { applyBank, causal, filterBank } from "./filter-bank";
import type { PlannedFrontend } from "./planned";

/**
 * Applies dynamical adaptation (Clark et al. 2013): a fast response divided by a slow one, `alpha y / (1 + beta z)`. Each response is the
 * input filtered by a causal kernel, with zeros before the first frame. It has no learned parameters.
 */
export const da = component(adaptationOptions, (o, _at, input: VideoShape): PlannedFrontend => {
  const { fast, slow } = adaptationKernels(o);
  const { height, width, channels } = input;
  /** Plans the newest `frames` output frames from `seen` input frames. */
  const planned = (frames: number, seen: number): PlannedFrontend => {
    const plan = plainPlan({ ...input, time: frames }, (x) => {
      const [y, z] = applyBank(x, filterBank([fast, slow], seen, causal, seen - frames));
      const divisor = tf.maximum(tf.add(tf.mul(z!, Math.max(0, o.beta)), 1), LEAST_DIVISOR);
      const response = tf.div(tf.mul(y!, o.alpha), divisor);
      return tf.reshape(response, [x.shape[0], frames, height, width, channels]);
    });
    return {
      ...plan,
      flops: 4 * frames * seen * height * width * channels,
      newest: (newest) => {
        const needs = Math.min(seen, newest + fast.length - 1);
        return { plan: planned(newest, needs), needs };
      },
    };
  };
  return planned(input.time, input.time);
});
