import { planConvBlock } from "../../nn";
import { stack } from "./stack";

/** ConvBlocks one after another. */
export const cnn = stack((options, channels, input, at) => planConvBlock(options, channels, input, at).plan);
