import { z } from "zod";
import { component, planConvBlock, type VideoShape } from "../../nn";
import { checkBlockParts } from "../../nn/block-parts";
import { convBlockOptions } from "../../nn/conv-block-options";
import type { PlannedFrontend } from "./planned";

const options = z.strictObject({ ...convBlockOptions, out_channels: z.int().positive() });

/** Applies one ConvBlock. */
export const conv = component(
  options,
  ({ out_channels, ...block }, at, input: VideoShape): PlannedFrontend =>
    planConvBlock(block, out_channels, input, at).plan,
  checkBlockParts,
);
