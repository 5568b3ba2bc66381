import { z } from "zod";
import { tf } from "../../engine";
import {
  component,
  keptBy,
  type Plan,
  planActivation,
  planConvBlock,
  prefixed,
  scoped,
  sizeOf,
  type VideoShape,
} from "../../nn";
import { uniformByFanIn } from "../../nn/initializers";
import { crop, cropFor } from "./crop";
import { checkStackParts, type PlanBlock, planStack, stackOptions } from "./stack";

const options = z.strictObject({
  ...stackOptions,
  resnet_post_add_activation: z.string().nullable().default("none"),
});

/**
 * ConvBlocks, each with a shortcut around it (He et al. 2016): the input itself, or where channels or strides differ a
 * 1×1×1 projection without bias. A shortcut larger than the main path is cropped: last frames, centre in space.
 */
export const resnet = component(
  options,
  ({ resnet_post_add_activation: post, ...stack }, at, input: VideoShape) =>
    planStack(stack, at, input, residual(post)),
  checkStackParts,
);

function residual(post: string | null): PlanBlock {
  return (options, channels, input, at): Plan => {
    const { plan: main, stride } = planConvBlock(options, channels, input, at);
    const { output } = main;
    const projected = input.channels !== output.channels || stride.some((by) => by > 1);
    const part = cropFor(input, output, stride, at);
    const weight = {
      name: "shortcut.weight",
      shape: [1, 1, 1, input.channels, output.channels],
      initial: uniformByFanIn(input.channels),
    };
    const activation = planActivation(post, {}, output, at, "resnet_post_add_activation");
    const pixels = output.time * output.height * output.width;
    return {
      output: activation.output,
      weights: [
        ...prefixed("main", main.weights),
        ...(projected ? [weight] : []),
        ...prefixed("post", activation.weights),
      ],
      flops: main.flops + (projected ? 2 * input.channels * output.channels * pixels : 0),
      kept: keptBy(main) + (projected ? 2 : 1) * sizeOf(output),
      geometry: main.geometry,
      apply: (x, weights, mode) => {
        const cut = crop(x, part);
        const shortcut = projected
          ? tf.conv3d(cut, weights("shortcut.weight") as unknown as tf.Tensor5D, [...stride], "valid")
          : cut;
        const sum = tf.add<tf.Tensor5D>(main.apply(x, scoped(weights, "main"), mode), shortcut);
        return activation.apply(sum, scoped(weights, "post"), mode);
      },
    };
  };
}
