import { kernel } from "../kernel";
import { convolution } from "./convolution";

/** The standard convolution: each filter has a kernel over time, height, width and all channels. */
export const standard = convolution(([t, h, w], inChannels, outChannels, options) => {
  const shape = [t, h, w, inChannels, outChannels] as const;
  const made = kernel(shape, options);
  const { effective } = made;
  return { ...made, kernels: [{ name: "", shape, effective }], fanIn: t * h * w * inChannels };
});
