import { z } from "zod";
import { type Component, component, planConvBlock, type VideoShape } from "../../nn";
import { checkBlockParts } from "../../nn/block-parts";
import { convBlockOptions } from "../../nn/conv-block-options";
import { none } from "../none";
import type { PlannedFrontend } from "../stages";
import { da, temporalBasis } from "./da";
import { learnableTemporal } from "./learnable-temporal";

const options = z.strictObject({ ...convBlockOptions, out_channels: z.int().positive() });

/** Applies one ConvBlock. */
export const conv = component(
  options,
  ({ out_channels, ...block }, at, input: VideoShape): PlannedFrontend =>
    planConvBlock(block, out_channels, input, at).plan,
  checkBlockParts,
);

/** `frontend.type` → frontend. */
export const frontends: Record<string, Component<[input: VideoShape], PlannedFrontend>> = {
  none,
  da,
  conv,
  temporal_basis: temporalBasis,
  learnable_temporal: learnableTemporal,
};
