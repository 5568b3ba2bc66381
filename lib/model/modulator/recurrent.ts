import { z } from "zod";
import { tf } from "../../engine";
import {
  component,
  type Mode,
  type Place,
  type Plan,
  prefixed,
  problemAt,
  SAME_PLACE,
  scoped,
  type VideoShape,
  type Weights,
} from "../../nn";
import { planDense, type VectorPlan } from "../../nn/dense";
import { given } from "../batch";
import { convgru } from "../recurrent/convgru";
import { behaviorOptions, checkBehavior, type PlannedModulator } from "../stages";
import { withEverywhere } from "./encoded";

/** Options of a modulator that is a ConvGRU. */
const embeddedGruOptions = {
  ...behaviorOptions,
  /** The number of channels of the state. Default: the number of input channels. */
  hidden_dim: z.int().positive().optional(),
  /** The width of the behaviour's embedding. */
  beh_emb_dim: z.int().positive().default(16),
  kernel_size: z.int().positive().default(3),
};

type Options = z.output<z.ZodObject<typeof embeddedGruOptions>>;

/** A ConvGRU over frames with the embedded behaviour as additional channels. It returns its last state. */
export interface EmbeddedGru {
  readonly hidden: number;
  readonly weights: Plan["weights"];
  readonly flops: number;
  /** `[B, 1, H, W, hidden]` */
  apply(x_BTHWC: tf.Tensor5D, behavior: tf.Tensor2D | undefined, weights: Weights, mode: Mode): tf.Tensor5D;
}

/** Plans the ConvGRU. @param name the prefix of the ConvGRU's weights; that of the embedding's is `beh_emb` */
function planEmbeddedGru(
  o: Options,
  name: string,
  at: Place,
  input: VideoShape,
  behaviors: number,
): EmbeddedGru {
  const hidden = o.hidden_dim ?? input.channels;
  const embedding = planDense(behaviors, o.beh_emb_dim);
  const seen = { ...input, channels: input.channels + o.beh_emb_dim };
  const gru = convgru.plan({ hidden_dim: hidden, kernel_size: o.kernel_size }, at, seen, false);
  return {
    hidden,
    weights: [...prefixed("beh_emb", embedding.weights), ...prefixed(name, gru.weights)],
    flops: embedding.flops + gru.flops,
    apply: (x, behavior, weights, mode) => {
      const code = embedding.apply(given(behavior, "behavior"), scoped(weights, "beh_emb"), mode);
      return gru.apply(withEverywhere(x, code), scoped(weights, name), mode);
    },
  };
}

/** Plans a dense layer at every pixel, `output_proj`, as a 1×1 convolution. */
function planProjection(input: VideoShape, channels: number) {
  const dense: VectorPlan = planDense(input.channels, channels);
  const weights = dense.weights.map((w) => (w.name === "weight" ? { ...w, shape: [1, 1, ...w.shape] } : w));
  return {
    weights: prefixed("output_proj", weights),
    flops: dense.flops * input.time * input.height * input.width,
    apply: (x: tf.Tensor5D, get: Weights): tf.Tensor5D => {
      const [weight, bias] = ["weight", "bias"].map((leaf) => get(`output_proj.${leaf}`));
      const pixels = tf.reshape(x, [-1, input.channels]) as tf.Tensor2D;
      const kernel = tf.reshape(weight!, [input.channels, channels]) as tf.Tensor2D;
      const [batch, time, height, width] = x.shape;
      return tf.reshape(tf.add(tf.matMul(pixels, kernel), bias!), [batch, time, height, width, channels]);
    },
  };
}

const convgruOptions = z.strictObject(embeddedGruOptions);

/**
 * Applies a ConvGRU to the frames with the embedded behaviour, and a 1×1 projection to its last state. Of a behaviour with several lags it
 * reads the mean over lags.
 */
export const convgruModulator = component(
  convgruOptions,
  (o, at, input: VideoShape, behaviors: number, lags?: number): PlannedModulator => {
    const count = lags ?? 1;
    const variables = behaviors / count;
    checkBehavior(o, at, variables);
    const gru = planEmbeddedGru(o, "gru", at, input, variables);
    const output = { ...input, time: 1, channels: gru.hidden };
    const projection = planProjection(output, gru.hidden);
    return {
      output,
      weights: [...gru.weights, ...projection.weights],
      flops: gru.flops + projection.flops,
      geometry: SAME_PLACE,
      apply: (x, behavior, weights, mode) => {
        const seen = behavior && count > 1 ? meanOverLags(behavior, count) : behavior;
        return { features: projection.apply(gru.apply(x, seen, weights, mode), weights) };
      },
    };
  },
);

/** `[B, lags * V]` → `[B, V]` */
function meanOverLags(behavior: tf.Tensor2D, lags: number): tf.Tensor2D {
  const [batch, all] = behavior.shape;
  return tf.mean(tf.reshape(behavior, [batch, lags, all / lags]), 1) as tf.Tensor2D;
}

const pcOptions = z.strictObject({
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
export const pc = component(pcOptions, (o, at, input: VideoShape, behaviors: number): PlannedModulator => {
  const { time, height, width, channels } = input;
  checkBehavior(o, at, behaviors);
  if (time < 2)
    throw problemAt(
      at,
      "predicts the last frame from the frames before it, but its input has a single frame; give the model more lags, or use another modulator",
    );
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
