import { z } from "zod";
import {
  below,
  component,
  type Place,
  type Plan,
  prefixed,
  problemAt,
  scoped,
  type VideoShape,
} from "../../nn";
import { planActivation } from "../../nn/conv-block";
import { dropout, dropoutRate } from "../../nn/dropout";
import { keptBy, prefixedKernels, sizeOf } from "../../nn/plan";
import { planSpace, planTime } from "./attention/axes";
import { blockOptions } from "./attention/block";
import { planTokenizer, tokenizerOptions } from "./attention/tokenizer";

/** Keys of configurations from other implementations that do not change results here, only how they are computed. */
const WITHOUT_EFFECT = {
  dim: z.unknown().optional(),
  checkpointing: z.unknown().optional(),
  max_tokens: z.unknown().optional(),
  flash_attention: z.unknown().optional(),
  grad_checkpointing: z.unknown().optional(),
  /** Attention over time is always causal; attention over space never is. */
  is_causal: z.unknown().optional(),
};
const transformerOptions = z.strictObject(blockOptions);
/** These options are checked later: a default inside `transformer_params` must not hide a value given beside it. */
const unchecked = Object.fromEntries(Object.keys(blockOptions).map((key) => [key, z.unknown().optional()]));

const plainOptions = z.strictObject({
  ...WITHOUT_EFFECT,
  /** D, the width of a token. */
  embedding_dim: z.int().positive(),
  num_spatial_blocks: z.int().nonnegative(),
  num_temporal_blocks: z.int().nonnegative(),
  tokenizer: tokenizerOptions.prefault({}),
  /** The blocks' options. Options given directly in `params` are their defaults. */
  transformer_params: z.strictObject({ ...WITHOUT_EFFECT, ...unchecked }).default({}),
  ...unchecked,
  /** Whether learned tokens are added to each frame's for the spatial blocks, and removed after them. */
  use_register_tokens: z.boolean().default(false),
  num_register_tokens: z.int().positive().default(4),
  /** The probability of setting whole tokens to 0 before the first block. */
  patch_dropout: dropoutRate,
  final_activation: z.string().nullable().default("none"),
});

/** Returns the blocks' options: those of `transformer_params`, with defaults from those beside it. */
export function ofBlocks({ transformer_params: inner, ...outer }: z.output<typeof plainOptions>) {
  const given = Object.entries({ ...outer, ...inner }).filter(([key]) => Object.hasOwn(blockOptions, key));
  return transformerOptions.safeParse(Object.fromEntries(given));
}

const options = plainOptions.superRefine((o, context) => {
  for (const { path, message } of ofBlocks(o).error?.issues ?? [])
    context.addIssue({ code: "custom", path: ["transformer_params", ...path], message });
});

/**
 * A factorised space-time vision transformer (Arnab et al. 2021, model 2): tubelets are tokens; blocks over each frame's tokens are
 * followed by causal blocks over each position's tokens in time. `[B, t, h, w, D]`.
 */
export const vivit = component(options, (o, at, input: VideoShape): Plan => {
  const block = ofBlocks(o).data!;
  const tokenizer = planTokenizer(o.tokenizer, o.embedding_dim, below(at, "tokenizer"), input);
  const shape = tokenizer.output;
  checkHeads(block, at, o.num_spatial_blocks);
  const registers = o.use_register_tokens ? o.num_register_tokens : 0;
  const space = planSpace(o.num_spatial_blocks, block, at, shape, registers);
  const time = planTime(o.num_temporal_blocks, block, at, shape);
  const final = planActivation(o.final_activation, {}, shape, at, "final_activation");
  return {
    output: final.output,
    weights: [
      ...prefixed("tokenizer", tokenizer.weights),
      ...space.weights,
      ...time.weights,
      ...prefixed("final", final.weights),
    ],
    flops: tokenizer.flops + space.flops + time.flops,
    kept: 2 * sizeOf(shape) + keptBy(space) + keptBy(time),
    geometry: tokenizer.geometry,
    kernels: prefixedKernels("tokenizer", tokenizer.kernels),
    apply: (x, get, mode) => {
      const tubelets = tokenizer.apply(x, scoped(get, "tokenizer"));
      const whole = [...tubelets.shape.slice(0, 4), 1];
      const tokens = dropout(tubelets, o.patch_dropout, mode, below(at, "patch_dropout").path, whole);
      const seen = time.apply(space.apply(tokens, get, mode), get, mode);
      return final.apply(seen, scoped(get, "final"), mode);
    },
  };
});

function checkHeads(
  { head_dim, use_rope }: { head_dim: number; use_rope: boolean },
  at: Place,
  spatial: number,
) {
  const [divisor, axis] = spatial > 0 ? [4, "space"] : [2, "time"];
  if (use_rope && head_dim % divisor !== 0)
    throw problemAt(
      below(at, "transformer_params.head_dim"),
      `is ${head_dim}, but rotary positions in ${axis} need a multiple of ${divisor}; change it, or set use_rope: false`,
    );
}
