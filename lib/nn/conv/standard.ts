import { kernel } from "../kernel";
import { convolution } from "./convolution";

/** A kernel over time, height, width and all channels for each filter. */
export const standard = convolution(([t, h, w], inChannels, outChannels, options) => {
  const shape = [t, h, w, inChannels, outChannels] as const;
  const made = kernel(shape, options);
  const { effective } = made;
  return { ...made, kernels: [{ name: "", shape, effective }], fanIn: t * h * w * inChannels };
});
