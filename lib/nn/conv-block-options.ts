import { z } from "zod";
import { dropoutRate } from "./dropout";
import type { Plan } from "./plan";
import type { Triple } from "./shape";

/** The stages of a block, in their default order. */
export const BLOCK_STAGES = ["pad", "conv", "norm", "act", "dropout", "pool"] as const;

/** The options of a part that names its type. */
export const typed = z.looseObject({ type: z.string().optional() });
const params = z.record(z.string(), z.unknown()).nullish();

/** Options of a ConvBlock. The allowed keys of `*_params` depend on the corresponding type. */
export const convBlockOptions = {
  conv_params: typed,
  norm_type: z.string().nullable().default("batch"),
  norm_params: params,
  act_type: z.string().nullable().default("relu"),
  act_params: params,
  pool_params: typed.nullish(),
  dropout: dropoutRate,
  causal: z.boolean().default(true),
  order: z.array(z.enum(BLOCK_STAGES)).default([...BLOCK_STAGES]),
};

/** Checked options of a ConvBlock. */
export type ConvBlockOptions = z.output<z.ZodObject<typeof convBlockOptions>>;

/** A planned ConvBlock. */
export interface PlannedBlock {
  readonly plan: Plan;
  /** The combined stride of convolution and pooling, for a shortcut around the block. */
  readonly stride: Triple;
}
