import { kernel } from "../kernel";
import { convolution } from "./convolution";

/** A kernel over time, height, width and all channels for each filter. */
export const standard = convolution(([t, h, w], inChannels, outChannels, options) => ({
  ...kernel([t, h, w, inChannels, outChannels], options),
  fanIn: t * h * w * inChannels,
}));
