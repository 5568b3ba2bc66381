import { z } from "zod";
import { tf } from "../../engine";
import { component, problemAt, SAME_PLACE, type VideoShape } from "../../nn";
import { embeddedGruOptions, planEmbeddedGru, planProjection } from "./embedded-gru";
import { checkBehavior, type PlannedModulator } from "./planned";

const options = z.strictObject({
  ...embeddedGruOptions,
  /** Whether the output is the last frame and the error, or only the error. */
  concat_error: z.boolean().default(true),
});

/**
 * Predictive coding (Rao & Ballard 1999): a ConvGRU predicts the last frame of the features from those before it and from
 * the behaviour. The output is `[last, error]` or the error. The mean squared error of each sample is its
 * auxiliary loss.
 *
 * @throws ConfigError for an input of a single frame
 */
export const pc = component(options, (o, at, input: VideoShape, behaviors: number): PlannedModulator => {
  const { time, height, width, channels } = input;
  checkBehavior(o, at, channels, behaviors);
  if (time < 2)
    throw problemAt(at, "predicts the last frame from those before it, but a single frame reaches it");
  const before = { ...input, time: time - 1 };
  const gru = planEmbeddedGru(o, "predictor", at, before, behaviors);
  const state = { ...input, time: 1, channels: gru.hidden };
  const projection = gru.hidden === channels ? undefined : planProjection(state, channels);
  return {
    output: { ...input, time: 1, channels: o.concat_error ? 2 * channels : channels },
    weights: [...gru.weights, ...(projection?.weights ?? [])],
    flops: gru.flops + (projection?.flops ?? 0),
    geometry: SAME_PLACE,
    apply: (x, behavior, weights, mode) => {
      const batch = x.shape[0];
      const earlier = tf.slice(x, [0, 0, 0, 0, 0], [batch, time - 1, height, width, channels]);
      const last = tf.slice(x, [0, time - 1, 0, 0, 0], [batch, 1, height, width, channels]);
      const predicted = gru.apply(earlier, behavior, weights, mode);
      const error = tf.sub<tf.Tensor5D>(last, projection ? projection.apply(predicted, weights) : predicted);
      return {
        features: o.concat_error ? tf.concat([last, error], -1) : error,
        auxiliary: tf.mean(tf.square(error), [1, 2, 3, 4]) as tf.Tensor1D,
      };
    },
  };
});
