import { planConvBlock } from "../../nn";
import { stack } from "./stack";

/** Stacks ConvBlocks sequentially. */
export const cnn = stack((options, channels, input, at) => planConvBlock(options, channels, input, at).plan);
