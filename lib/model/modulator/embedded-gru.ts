import { z } from "zod";
import { tf } from "../../engine";
import { type Mode, type Place, type Plan, prefixed, scoped, type VideoShape, type Weights } from "../../nn";
import { planDense, type VectorPlan } from "../../nn/dense";
import { given } from "../batch";
import { convgru } from "../recurrent/convgru";
import { withEverywhere } from "./everywhere";
import { behaviorOptions } from "./planned";

/** Options of a modulator that is a ConvGRU. */
export const embeddedGruOptions = {
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
export function planEmbeddedGru(
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
export function planProjection(input: VideoShape, channels: number) {
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
