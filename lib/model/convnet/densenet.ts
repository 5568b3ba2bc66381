import { tf } from "../../engine";
import { keptBy, type Plan, planConvBlock, sizeOf, type VideoShape } from "../../nn";
import { newestOf } from "../../nn/newest";
import { type Crop, crop, cropFor } from "./crop";
import { stack } from "./stack";

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
