import { tf } from "../../engine";
import { keptBy, planConvBlock, sizeOf, type VideoShape } from "../../nn";
import { crop, cropFor } from "./crop";
import { stack } from "./stack";

/** Each ConvBlock sees the concatenation of all before it, cropped alike (Huang et al. 2017). */
export const densenet = stack((options, channels, input, at) => {
  const { plan } = planConvBlock(options, channels, input, at);
  const output: VideoShape = { ...plan.output, channels: input.channels + plan.output.channels };
  const part = cropFor(input, plan.output, [1, 1, 1], at);
  return {
    ...plan,
    output,
    kept: keptBy(plan) + sizeOf(output),
    apply: (x, weights, mode) => tf.concat([crop(x, part), plan.apply(x, weights, mode)], -1),
  };
});
