import { z } from "zod";
import { tf } from "../../engine";
import {
  component,
  type Plan,
  planConvBlock,
  prefixed,
  scoped,
  type Triple,
  type VideoShape,
} from "../../nn";
import { planActivation } from "../../nn/conv-block";
import { uniformByFanIn } from "../../nn/initializers";
import { newestFrames, newestOf } from "../../nn/newest";
import { keptBy, prefixedKernels, sizeOf } from "../../nn/plan";
import { type Crop, checkStackParts, crop, cropFor, type PlanBlock, planStack, stackOptions } from "./stack";

const options = z.strictObject({
  ...stackOptions,
  resnet_post_add_activation: z.string().nullable().default("none"),
});

/**
 * Stacks ConvBlocks with shortcuts (He et al. 2016): each shortcut is the input itself, or a 1×1×1 projection without bias if channels or
 * strides differ. A shortcut larger than the main path is cropped to the last frames and the centre in space.
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
    const shortcut: Shortcut = {
      stride,
      part: cropFor(input, output, stride, at),
      projected: input.channels !== output.channels || stride.some((by) => by > 1),
    };
    const activation = (shape: VideoShape) =>
      planActivation(post, {}, shape, at, "resnet_post_add_activation");
    return planResidual(main, shortcut, activation, input);
  };
}

/** The path around a block. */
interface Shortcut {
  readonly stride: Triple;
  /** The part of the input at the position of the block's output. */
  readonly part: Crop;
  /** Whether channels or strides differ, so that the shortcut needs a projection. */
  readonly projected: boolean;
}

function planResidual(
  main: Plan,
  { stride, part, projected }: Shortcut,
  planPost: (shape: VideoShape) => Plan,
  input: VideoShape,
): Plan {
  const { output } = main;
  const weight = {
    name: "shortcut.weight",
    shape: [1, 1, 1, input.channels, output.channels],
    initial: uniformByFanIn(input.channels),
  };
  const activation = planPost(output);
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
    kernels: prefixedKernels("main", main.kernels),
    apply: (x, weights, mode) => {
      const cut = crop(x, part);
      const shortcut = projected
        ? tf.conv3d(cut, weights("shortcut.weight") as unknown as tf.Tensor5D, [...stride], "valid")
        : cut;
      const sum = tf.add<tf.Tensor5D>(main.apply(x, scoped(weights, "main"), mode), shortcut);
      return activation.apply(sum, scoped(weights, "post"), mode);
    },
    newest: (frames) => {
      const { plan, needs: neededByMain } = newestOf(main, frames, input.time);
      const first = part.start[0] + (output.time - frames) * stride[0];
      const needs = Math.max(neededByMain, input.time - first);
      const [, ...start] = part.start;
      const [, ...size] = part.size;
      const newer: Crop = {
        start: [first - (input.time - needs), ...start],
        size: [(frames - 1) * stride[0] + 1, ...size],
      };
      const seen: Plan = {
        ...plan,
        apply: (x, weights, mode) => plan.apply(newestFrames(x, neededByMain), weights, mode),
      };
      const shape = { ...input, time: needs };
      return { plan: planResidual(seen, { stride, part: newer, projected }, planPost, shape), needs };
    },
  };
}
