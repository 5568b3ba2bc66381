import { z } from "zod";
import { tf } from "../../engine";
import { component, prefixed, SAME_PLACE, scoped, type VideoShape, type Weights } from "../../nn";
import { planDense } from "../../nn/dense";
import { ones, zeros } from "../../nn/initializers";
import { given } from "../batch";
import { encoderOptions, planEncoder } from "./encoder";
import { behaviorOptions, checkBehavior, type PlannedModulator } from "./planned";

const options = z.strictObject({ ...behaviorOptions, encoder_params: encoderOptions.prefault({}) });

/**
 * Applies a gain and a shift to each channel, computed from the behaviour by an MLP and one dense layer each (Perez et al. 2018). It
 * starts as the identity: the dense layers' weights are 0 and the gain's bias is 1.
 */
export const film = component(options, (o, at, input: VideoShape, behaviors: number): PlannedModulator => {
  const { channels } = input;
  checkBehavior(o, at, channels, behaviors);
  const encoder = planEncoder(behaviors, o.encoder_params, at);
  const scale = planDense(encoder.width, channels, { initial: zeros, initialBias: ones });
  const shift = planDense(encoder.width, channels, { initial: zeros, initialBias: zeros });
  const planned = (time: number): PlannedModulator => ({
    output: { ...input, time },
    weights: [
      ...prefixed("encoder", encoder.weights),
      ...prefixed("scale_layer", scale.weights),
      ...prefixed("shift_layer", shift.weights),
    ],
    flops: encoder.flops + scale.flops + shift.flops,
    geometry: SAME_PLACE,
    apply: (x, behavior, weights: Weights, mode) => {
      const code = encoder.apply(given(behavior, "behavior"), scoped(weights, "encoder"), mode);
      const perChannel = (layer: typeof scale, name: string) =>
        tf.reshape(layer.apply(code, scoped(weights, name), mode), [-1, 1, 1, 1, channels]);
      const scaled = tf.mul(x, perChannel(scale, "scale_layer"));
      return { features: tf.add(scaled, perChannel(shift, "shift_layer")) };
    },
    newest: (frames) => ({ plan: planned(frames), needs: frames }),
  });
  return planned(input.time);
});
