import { z } from "zod";
import { tf } from "../../engine";
import {
  below,
  component,
  type Place,
  prefixed,
  SAME_PLACE,
  scoped,
  type VideoShape,
  type Weights,
} from "../../nn";
import { planDense, type VectorPlan } from "../../nn/dense";
import { ones, zeros } from "../../nn/initializers";
import { mlpOptions, planMlp } from "../../nn/mlp";
import { given } from "../batch";
import { behaviorOptions, checkBehavior, type PlannedModulator } from "../stages";

/** Options of the network that encodes the behaviour. */
const encoderOptions = z.strictObject({
  type: z.literal("mlp").default("mlp"),
  ...mlpOptions,
  dims: mlpOptions.dims.default([64, 64]),
  residual: mlpOptions.residual.default(true),
});

/** Plans the encoder from behaviour `[B, V]` → `[B, dims.at(-1)]`. */
function planEncoder(
  behaviors: number,
  { type: _, ...options }: z.output<typeof encoderOptions>,
  at: Place,
): VectorPlan {
  return planMlp(behaviors, options, below(at, "encoder_params"));
}

/**
 * Appends a code of each sample, `[B, E]`, as additional channels of its frames, the same at every pixel of every frame.
 *
 * @returns `[B, T, H, W, C + E]`
 */
export function withEverywhere(x_BTHWC: tf.Tensor5D, code_BE: tf.Tensor2D): tf.Tensor5D {
  const [, time, height, width] = x_BTHWC.shape;
  // Multiplication instead of `broadcastTo`, for which tfjs has no gradient with five axes.
  const everywhere = tf.mul(
    tf.reshape(code_BE, [-1, 1, 1, 1, code_BE.shape[1]]),
    tf.ones([1, time, height, width, 1]),
  );
  return tf.concat([x_BTHWC, everywhere as tf.Tensor5D], -1);
}

const concatOptions = z.strictObject({ ...behaviorOptions, encoder_params: encoderOptions.prefault({}) });

/** Appends the behaviour, encoded by an MLP, as additional channels, which are the same at every pixel of every frame. */
export const concat = component(
  concatOptions,
  (o, at, input: VideoShape, behaviors: number): PlannedModulator => {
    checkBehavior(o, at, behaviors);
    const encoder = planEncoder(behaviors, o.encoder_params, at);
    const planned = (time: number): PlannedModulator => ({
      output: { ...input, time, channels: input.channels + encoder.width },
      weights: prefixed("encoder", encoder.weights),
      flops: encoder.flops,
      geometry: SAME_PLACE,
      apply: (x, behavior, weights, mode) => {
        const code = encoder.apply(given(behavior, "behavior"), scoped(weights, "encoder"), mode);
        return { features: withEverywhere(x, code) };
      },
      newest: (frames) => ({ plan: planned(frames), needs: frames }),
    });
    return planned(input.time);
  },
);

const filmOptions = z.strictObject({ ...behaviorOptions, encoder_params: encoderOptions.prefault({}) });

/**
 * Applies a gain and a shift to each channel, computed from the behaviour by an MLP and one dense layer each (Perez et al. 2018). It
 * starts as the identity: the dense layers' weights are 0 and the gain's bias is 1.
 */
export const film = component(
  filmOptions,
  (o, at, input: VideoShape, behaviors: number): PlannedModulator => {
    const { channels } = input;
    checkBehavior(o, at, behaviors);
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
  },
);
