import { z } from "zod";
import { checkAll } from "../../base/config";
import { asMapping } from "../../base/config/mappings";
import { tf } from "../../engine";
import {
  below,
  Chain,
  component,
  type Place,
  type Plan,
  planConvBlock,
  problemAt,
  type Triple,
  type TypedComponent,
  type VideoShape,
} from "../../nn";
import { checkBlockParts } from "../../nn/block-parts";
import { planActivation } from "../../nn/conv-block";
import { convBlockOptions } from "../../nn/conv-block-options";
import { newestOf } from "../../nn/newest";
import { keptBy, sizeOf } from "../../nn/plan";

const blockOptions = z.strictObject(convBlockOptions);
/** Checked options of a block in a stack. */
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
/** Checked options of a stack. */
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
  const { block_configs, stem_config } = asMapping(params);
  const blocks = Array.isArray(block_configs) ? block_configs : [];
  checkAll(at.where, [
    () => checkBlockParts(stem_config, below(at, "stem_config")),
    ...blocks.map((block, i) => () => checkBlockParts(block, below(at, `block_configs.${i}`))),
  ]);
}

/** Makes a stack without additional options. */
export function stack(planBlock: PlanBlock): TypedComponent<typeof plainOptions, [input: VideoShape], Plan> {
  return component(
    plainOptions,
    (options, at, input: VideoShape) => planStack(options, at, input, planBlock),
    checkStackParts,
  );
}

/** Stacks ConvBlocks sequentially. */
export const cnn = stack((options, channels, input, at) => planConvBlock(options, channels, input, at).plan);

/** The part of a frame sequence that corresponds to a block's output: the last frames, and the centre in space. */
export interface Crop {
  readonly start: Triple;
  readonly size: Triple;
}

/**
 * Returns the part of `input` from which a shortcut with a stride yields the size of `output`.
 *
 * The crop of the strided shortcut (`start = difference // 2`, all of the difference in time) is applied before the shortcut instead of
 * after it: this gives the same values without computing the cropped ones.
 *
 * @throws ConfigError when the block's padding makes its output larger than its shortcut
 */
export function cropFor(input: VideoShape, output: VideoShape, stride: Triple, at: Place): Crop {
  const along = (axis: 0 | 1 | 2, length: number, wanted: number) => {
    const difference = Math.ceil(length / stride[axis]) - wanted;
    if (difference < 0)
      throw problemAt(
        below(at, "conv_params.padding"),
        `makes the block's output (${wanted}) larger than its input (${wanted + difference} after strides) along ` +
          `${["time", "height", "width"][axis]}; a block with a shortcut may not grow`,
      );
    const first = axis === 0 ? difference : Math.floor(difference / 2);
    return [first * stride[axis], (wanted - 1) * stride[axis] + 1] as const;
  };
  const [time, rows, columns] = [
    along(0, input.time, output.time),
    along(1, input.height, output.height),
    along(2, input.width, output.width),
  ];
  return { start: [time[0], rows[0], columns[0]], size: [time[1], rows[1], columns[1]] };
}

/** Returns the part of a tensor that a crop describes. */
export function crop(x: tf.Tensor5D, { start, size }: Crop): tf.Tensor5D {
  const [batch, time, height, width, channels] = x.shape;
  if (size[0] === time && size[1] === height && size[2] === width) return x;
  return tf.slice(x, [0, ...start, 0], [batch, ...size, channels]);
}

/** Stacks ConvBlocks, each applied to the concatenation of all previous outputs, cropped to one size (Huang et al. 2017). */
export const densenet = stack((options, channels, input, at) => {
  const { plan } = planConvBlock(options, channels, input, at);
  return concatenated(plan, input, cropFor(input, plan.output, [1, 1, 1], at));
});

/** Concatenates the part of the input at the position of the block's output with that output. */
function concatenated(block: Plan, input: VideoShape, part: Crop): Plan {
  const output: VideoShape = { ...block.output, channels: input.channels + block.output.channels };
  return {
    ...block,
    output,
    kept: keptBy(block) + sizeOf(output),
    apply: (x, weights, mode) => tf.concat([crop(x, part), block.apply(x, weights, mode)], -1),
    newest: (frames) => {
      const { plan, needs } = newestOf(block, frames, input.time);
      const [, ...start] = part.start;
      const [, ...size] = part.size;
      const newer: Crop = { start: [needs - frames, ...start], size: [frames, ...size] };
      return { plan: concatenated(plan, { ...input, time: needs }, newer), needs };
    },
  };
}
