import { z } from "zod";
import { checkAll } from "../../base/config";
import {
  below,
  Chain,
  type Component,
  component,
  type Place,
  type Plan,
  planActivation,
  planConvBlock,
  problemAt,
  type VideoShape,
} from "../../nn";
import { checkBlockParts, mapping } from "../../nn/block-parts";
import { convBlockOptions } from "../../nn/conv-block-options";

const blockOptions = z.strictObject(convBlockOptions);
export type BlockOptions = z.output<typeof blockOptions>;

/** Options of every stack of blocks. `channels` lists the output channels of each block's convolution. */
export const stackOptions = {
  channels: z.array(z.int().positive()).min(1),
  block_configs: z.array(blockOptions).min(1),
  stem_config: z.strictObject({ ...convBlockOptions, out_channels: z.int().positive() }).nullish(),
  final_activation: z.string().nullable().default("none"),
  dim: z.literal(3).default(3),
  checkpointing: z.literal(false).default(false),
};
const plainOptions = z.strictObject(stackOptions);
export type StackOptions = z.output<typeof plainOptions>;

/** Plans one block of a stack. */
export type PlanBlock = (options: BlockOptions, channels: number, input: VideoShape, at: Place) => Plan;

/** Plans a stem, blocks and a final activation. Weights: `stem`, `layers.{i}`, `final`. */
export function planStack(options: StackOptions, at: Place, input: VideoShape, planBlock: PlanBlock): Plan {
  const { channels, block_configs: blocks, stem_config: stem } = options;
  if (channels.length !== blocks.length)
    throw problemAt(
      below(at, "channels"),
      `has ${channels.length} entries for the ${blocks.length} blocks of block_configs; give one for each`,
    );
  const chain = new Chain(input);
  if (stem)
    chain.add(
      "stem",
      (shape) => planConvBlock(stem, stem.out_channels, shape, below(at, "stem_config")).plan,
    );
  blocks.forEach((block, i) => {
    chain.add(`layers.${i}`, (shape) =>
      planBlock(block, channels[i]!, shape, below(at, `block_configs.${i}`)),
    );
  });
  chain.add("final", (shape) => planActivation(options.final_activation, {}, shape, at, "final_activation"));
  return chain.plan();
}

/** Checks the typed parts in a stack's blocks. @throws ConfigError with all their problems */
export function checkStackParts(params: unknown, at: Place): void {
  const { block_configs, stem_config } = mapping(params);
  const blocks = Array.isArray(block_configs) ? block_configs : [];
  checkAll(at.where, [
    () => checkBlockParts(stem_config, below(at, "stem_config")),
    ...blocks.map((block, i) => () => checkBlockParts(block, below(at, `block_configs.${i}`))),
  ]);
}

/** Makes a stack without additional options. */
export function stack(planBlock: PlanBlock): Component<[input: VideoShape], Plan> {
  return component(
    plainOptions,
    (options, at, input: VideoShape) => planStack(options, at, input, planBlock),
    checkStackParts,
  );
}
