import { z } from "zod";
import { tf } from "../../../engine";
import { below, type Mode, type Place, prefixed, scoped, type WeightSpec, type Weights } from "../../../nn";
import { planActivation } from "../../../nn/conv-block";
import { planDense } from "../../../nn/dense";
import { dropout, dropoutRate } from "../../../nn/dropout";
import type { Rotary } from "./rotary";
import { attention } from "./self-attention";
import { TOKEN_NORMS, tokenNormNames } from "./token-norms";

/** Options of every transformer block. */
export const blockOptions = {
  num_heads: z.int().positive(),
  head_dim: z.int().positive(),
  ff_dim: z.int().positive(),
  ff_activation: z.enum(["swiglu", "gelu", "silu", "relu"]).default("swiglu"),
  norm: z.enum(tokenNormNames).default("rmsnorm"),
  use_rope: z.boolean().default(true),
  /** Whether queries and keys of each head are normalised to root mean square 1 before the rotation. */
  normalize_qk: z.boolean().default(false),
  /** The dropout rate of attention weights. */
  mha_dropout: dropoutRate,
  /** The dropout rate after the hidden layer and after the block's second branch. */
  ff_dropout: dropoutRate,
  /** The probability of dropping a branch for a whole sequence. */
  drop_path: dropoutRate,
};

/** Checked options of a transformer block. */
export type BlockOptions = z.output<z.ZodObject<typeof blockOptions>>;

/** The sequences that a block is planned for. */
export interface Sequence {
  /** The width D of a token. */
  readonly width: number;
  readonly tokens: number;
  /** Whether token i attends only to tokens 0 .. i instead of all. */
  readonly causal: boolean;
  /** Undefined without rotary positions. */
  readonly rotary: Rotary | undefined;
}

/** A planned transformer block. */
export interface TransformerBlock {
  readonly weights: readonly WeightSpec[];
  /** The operations for one sequence. */
  readonly flops: number;
  /**
   * The number of values of one sequence that training keeps: queries, keys, values and the hidden layer of each token, and a weight for
   * each pair of tokens.
   */
  readonly kept: number;
  apply(x_BND: tf.Tensor3D, weights: Weights, mode: Mode): tf.Tensor3D;
}

/** Plans `x + to_out(attention(norm1(x)))`, then `x + ff_out(f(ff_in(norm2(x))))` (Vaswani et al. 2017, norms first). */
export function planBlock(o: BlockOptions, at: Place, sequence: Sequence): TransformerBlock {
  const { width, tokens } = sequence;
  const inner = o.num_heads * o.head_dim;
  const gated = o.ff_activation === "swiglu";
  const norm = TOKEN_NORMS[o.norm];
  const layers = {
    to_qkv: planDense(width, 3 * inner, { bias: false }),
    to_out: planDense(inner, width),
    ff_in: planDense(width, o.ff_dim * (gated ? 2 : 1)),
    ff_out: planDense(o.ff_dim, width),
  };
  const hidden = { time: 1, height: 1, width: 1, channels: o.ff_dim };
  const activation = planActivation(gated ? "silu" : o.ff_activation, {}, hidden, at, "ff_activation");
  const onTokens = (x: tf.Tensor3D, name: keyof typeof layers, get: Weights, mode: Mode): tf.Tensor3D => {
    const [batch] = x.shape;
    const flat = tf.reshape(x, [-1, x.shape[2]]) as tf.Tensor2D;
    return tf.reshape(layers[name].apply(flat, scoped(get, name), mode), [batch, tokens, -1]);
  };
  const activate = (x: tf.Tensor3D, get: Weights, mode: Mode) =>
    activation.apply(x as unknown as tf.Tensor5D, get, mode) as unknown as tf.Tensor3D;
  const feedForward = (x: tf.Tensor3D, get: Weights, mode: Mode): tf.Tensor3D => {
    const y = onTokens(x, "ff_in", get, mode);
    if (!gated) return activate(y, get, mode);
    const [value, gate] = tf.split(y, 2, 2) as tf.Tensor3D[];
    return tf.mul(value!, activate(gate!, get, mode));
  };
  const dropped = <T extends tf.Tensor>(x: T, rate: number, name: string, mode: Mode, shape?: number[]) =>
    dropout(x, rate, mode, below(at, name).path, shape);
  const branch = (x: tf.Tensor3D, y: tf.Tensor3D, name: string, mode: Mode) =>
    tf.add<tf.Tensor3D>(x, dropped(y, o.drop_path, name, mode, [x.shape[0], 1, 1]));

  return {
    weights: [
      ...prefixed("norm1", norm.weights(width)),
      ...prefixed("norm2", norm.weights(width)),
      ...Object.entries(layers).flatMap(([name, layer]) => prefixed(name, layer.weights)),
    ],
    flops:
      tokens * Object.values(layers).reduce((sum, layer) => sum + layer.flops, 0) + 4 * inner * tokens ** 2,
    kept: tokens * (4 * inner + 2 * o.ff_dim + 4 * width) + o.num_heads * tokens ** 2,
    apply: (x, get, mode) => {
      const qkv = onTokens(norm.apply(x, scoped(get, "norm1")), "to_qkv", get, mode);
      const attended = attention(qkv, o, sequence, (weights) =>
        dropped(weights, o.mha_dropout, "mha_dropout", mode),
      );
      const first = branch(x, onTokens(attended, "to_out", get, mode), "drop_path.0", mode);
      const h = dropped(
        feedForward(norm.apply(first, scoped(get, "norm2")), get, mode),
        o.ff_dropout,
        "ff_dropout.0",
        mode,
      );
      const y = dropped(onTokens(h, "ff_out", get, mode), o.ff_dropout, "ff_dropout.1", mode);
      return branch(first, y, "drop_path.1", mode);
    },
  };
}
