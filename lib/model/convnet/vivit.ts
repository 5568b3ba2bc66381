import { z } from "zod";
import { tf } from "../../engine";
import {
  below,
  component,
  type Mode,
  type Place,
  type Plan,
  planActivation,
  prefixed,
  problemAt,
  scoped,
  sizeOf,
  type VideoShape,
  type Weights,
} from "../../nn";
import { dropout, dropoutRate } from "../../nn/dropout";
import { normal } from "../../nn/initializers";
import {
  type BlockOptions,
  blockOptions,
  planBlock,
  type Sequence,
  type TransformerBlock,
} from "./attention/block";
import { rotaryOfSpace, rotaryOfTime } from "./attention/rotary";
import { planTokenizer, tokenizerOptions } from "./attention/tokenizer";

/** Keys of configurations made elsewhere that change no number here: how the work is done, not what. */
const WITHOUT_EFFECT = {
  dim: z.unknown().optional(),
  checkpointing: z.unknown().optional(),
  max_tokens: z.unknown().optional(),
  flash_attention: z.unknown().optional(),
  grad_checkpointing: z.unknown().optional(),
  /** Time is always causal, space never. */
  is_causal: z.unknown().optional(),
};
const transformerOptions = z.strictObject(blockOptions);
/** Not checked yet: a default of `transformer_params` must not hide what is given beside it. */
const unchecked = Object.fromEntries(Object.keys(blockOptions).map((key) => [key, z.unknown().optional()]));

const plainOptions = z.strictObject({
  ...WITHOUT_EFFECT,
  /** D, the width of a token. */
  embedding_dim: z.int().positive(),
  num_spatial_blocks: z.int().nonnegative(),
  num_temporal_blocks: z.int().nonnegative(),
  tokenizer: tokenizerOptions.prefault({}),
  /** May also stand directly in `params`, as defaults of these. */
  transformer_params: z.strictObject({ ...WITHOUT_EFFECT, ...unchecked }).default({}),
  ...unchecked,
  /** Learned tokens beside a frame's, which the spatial blocks may use; dropped after them. */
  use_register_tokens: z.boolean().default(false),
  num_register_tokens: z.int().positive().default(4),
  /** Sets whole tokens to 0 before the first block. */
  patch_dropout: dropoutRate,
  final_activation: z.string().nullable().default("none"),
});

/** The blocks' options: those of `transformer_params`, else those that stand beside it. */
function ofBlocks({ transformer_params: inner, ...outer }: z.output<typeof plainOptions>) {
  const given = Object.entries({ ...outer, ...inner }).filter(([key]) => Object.hasOwn(blockOptions, key));
  return transformerOptions.safeParse(Object.fromEntries(given));
}

const options = plainOptions.superRefine((o, context) => {
  for (const { path, message } of ofBlocks(o).error?.issues ?? [])
    context.addIssue({ code: "custom", path: ["transformer_params", ...path], message });
});

/**
 * A factorised space-time vision transformer (Arnab et al. 2021, model 2): tubelets as tokens; blocks over each frame's
 * tokens; then blocks over each place's tokens in time, which see no later ones. `[B, t, h, w, D]`.
 */
export const vivit = component(options, (o, at, input: VideoShape): Plan => {
  const width = o.embedding_dim;
  const block = ofBlocks(o).data!;
  const tokenizer = planTokenizer(o.tokenizer, width, below(at, "tokenizer"), input);
  const shape = tokenizer.output;
  const places = shape.height * shape.width;
  const registers = o.use_register_tokens ? o.num_register_tokens : 0;
  const rope = block.use_rope;
  checkHeads(block, at, o.num_spatial_blocks);
  const space: Sequence = {
    width,
    tokens: registers + places,
    causal: false,
    rotary: rope ? rotaryOfSpace(shape.height, shape.width, block.head_dim, registers) : undefined,
  };
  const time: Sequence = {
    width,
    tokens: shape.time,
    causal: true,
    rotary: rope ? rotaryOfTime(shape.time, block.head_dim) : undefined,
  };
  const stack = (count: number, name: string, sequence: Sequence) =>
    Array.from({ length: count }, (_, i) => planBlock(block, below(at, `${name}.${i}`), sequence));
  const spatial = stack(o.num_spatial_blocks, "spatial_blocks", space);
  const temporal = stack(o.num_temporal_blocks, "temporal_blocks", time);
  const final = planActivation(o.final_activation, {}, shape, at, "final_activation");
  const weightsOf = (blocks: TransformerBlock[], name: string) =>
    blocks.flatMap((b, i) => prefixed(`${name}.${i}`, b.weights));
  const run = (blocks: TransformerBlock[], name: string, x: tf.Tensor3D, get: Weights, mode: Mode) =>
    blocks.reduce((y, b, i) => b.apply(y, scoped(get, `${name}.${i}`), mode), x);
  const flopsOf = (blocks: TransformerBlock[]) => blocks.reduce((sum, b) => sum + b.flops, 0);

  return {
    output: final.output,
    weights: [
      ...(registers ? [{ name: "register_tokens", shape: [registers, width], initial: normal(0.02) }] : []),
      ...prefixed("tokenizer", tokenizer.weights),
      ...weightsOf(spatial, "spatial_blocks"),
      ...weightsOf(temporal, "temporal_blocks"),
      ...prefixed("final", final.weights),
    ],
    flops: tokenizer.flops + shape.time * flopsOf(spatial) + places * flopsOf(temporal),
    // Of each block: queries, keys, values and the hidden layer of each token, and a weight for each pair of tokens.
    kept:
      sizeOf(shape) * 2 +
      o.num_spatial_blocks * shape.time * keptByBlock(block, space.tokens, width) +
      o.num_temporal_blocks * places * keptByBlock(block, shape.time, width),
    geometry: tokenizer.geometry,
    apply: (x, get, mode) => {
      const tubelets = tokenizer.apply(x, scoped(get, "tokenizer"));
      const [batch] = tubelets.shape;
      const tokens = dropout(tubelets, o.patch_dropout, mode, below(at, "patch_dropout").path, [
        ...tubelets.shape.slice(0, 4),
        1,
      ]);
      const frames = tf.reshape(tokens, [batch * shape.time, places, width]) as tf.Tensor3D;
      const seen = run(spatial, "spatial_blocks", withRegisters(frames, registers, get), get, mode);
      const kept = registers ? tf.slice(seen, [0, registers, 0], [batch * shape.time, places, width]) : seen;
      // Places first: time is the sequence now.
      const byPlace = tf.transpose(tf.reshape(kept, [batch, shape.time, places, width]), [0, 2, 1, 3]);
      const series = tf.reshape(byPlace, [batch * places, shape.time, width]) as tf.Tensor3D;
      const done = run(temporal, "temporal_blocks", series, get, mode);
      const byTime = tf.transpose(tf.reshape(done, [batch, places, shape.time, width]), [0, 2, 1, 3]);
      const video = tf.reshape(byTime, [batch, shape.time, shape.height, shape.width, width]);
      return final.apply(video as tf.Tensor5D, scoped(get, "final"), mode);
    },
  };
});

function keptByBlock({ num_heads, head_dim, ff_dim }: BlockOptions, tokens: number, width: number): number {
  return tokens * (4 * num_heads * head_dim + 2 * ff_dim + 4 * width) + num_heads * tokens ** 2;
}

function withRegisters(frames: tf.Tensor3D, registers: number, get: Weights): tf.Tensor3D {
  if (registers === 0) return frames;
  const [all, , width] = frames.shape;
  // Not `tile`: its gradient adds up copies one by one.
  const everywhere = tf.mul(tf.reshape(get("register_tokens"), [1, registers, width]), tf.ones([all, 1, 1]));
  return tf.concat([everywhere as tf.Tensor3D, frames], 1);
}

function checkHeads(
  { head_dim, use_rope }: { head_dim: number; use_rope: boolean },
  at: Place,
  spatial: number,
) {
  const [divisor, axis] = spatial > 0 ? [4, "space"] : [2, "time"];
  if (use_rope && head_dim % divisor !== 0)
    throw problemAt(
      below(at, "transformer_params.head_dim"),
      `${head_dim} is no multiple of ${divisor}, which rotary positions in ${axis} need`,
    );
}
