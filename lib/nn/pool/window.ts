import { z } from "zod";
import { below, type Place, problemAt } from "../../base/config";
import { tf } from "../../engine";
import { component } from "../component";
import { validOutput } from "../conv/valid";
import type { ConvBlockOptions } from "../conv-block-options";
import { type Newest, perFrame } from "../newest";
import { type Plan, plainPlan } from "../plan";
import {
  amounts,
  asFrames,
  asVideo,
  sizes,
  type Triple,
  triple,
  type VideoShape,
  windowAxis,
} from "../shape";
import { sePool, softPoolOptions } from "./attention";
import type { BlockPlanner, PlannedPool } from "./planned";

const windowOptions = z.strictObject({
  kernel_size: sizes,
  stride: sizes.optional(),
  padding: amounts.default(0),
});

/** A value below any activation. It is finite, so that its product with 0 is 0. */
const LEAST = -3e38;

type Pool = (x: tf.Tensor5D, size: [number, number, number], stride: [number, number, number]) => tf.Tensor5D;

function pooling(kind: Pick<Plan, "takesLargest">, outside: number, pool: Pool) {
  return component(windowOptions, ({ kernel_size, stride = kernel_size, padding }, at, input: VideoShape) =>
    planWindow(
      { size: triple(kernel_size), stride: triple(stride), padding: triple(padding), kind, outside, pool },
      at,
      input,
    ),
  );
}

interface WindowPool {
  size: Triple;
  stride: Triple;
  padding: Triple;
  kind: Pick<Plan, "takesLargest">;
  /** The value of padding. */
  outside: number;
  pool: Pool;
}

function planWindow(
  { size, stride, padding, kind, outside, pool }: WindowPool,
  at: Place,
  input: VideoShape,
): PlannedPool {
  if (padding.some((by, axis) => 2 * by > size[axis]!))
    throw problemAt(below(at, "padding"), `is [${padding}], but may be at most half of the kernel [${size}]`);
  const padded = {
    time: input.time + 2 * padding[0],
    height: input.height + 2 * padding[1],
    width: input.width + 2 * padding[2],
    channels: input.channels,
  };
  const output = { ...validOutput(padded, size, stride, [1, 1, 1], at), channels: input.channels };
  const geometry = {
    y: windowAxis(size[1], stride[1], padding[1]),
    x: windowAxis(size[2], stride[2], padding[2]),
  };
  const around = [0, ...padding, 0].map((by) => [by, by] as [number, number]);
  const apply = (x: tf.Tensor5D) => {
    const y = padding.some((by) => by > 0) ? tf.pad(x, around, outside) : x;
    return pool(y, [...size], [...stride]);
  };
  // Without padding in time, starting at a later frame yields the same windows.
  const newest = (frames: number): Newest<Plan> => {
    const needs = input.time - (output.time - frames) * stride[0];
    return { plan: { ...plainPlan({ ...output, time: frames }, apply, geometry), ...kind }, needs };
  };
  const plan: Plan = { ...plainPlan(output, apply, geometry), ...kind };
  return { plan: padding[0] === 0 ? { ...plan, newest } : plan, stride };
}

/** Takes the largest value of each window. `stride` is `kernel_size` by default. */
export const max = pooling({ takesLargest: true }, LEAST, (x, size, stride) =>
  tf.maxPool3d(x, size, stride, "valid"),
);

/** Takes the mean of each window, including padded zeros. `stride` is `kernel_size` by default. */
export const avg = pooling({}, 0, (x, size, stride) => tf.avgPool3d(x, size, stride, "valid"));

/** A binomial kernel over 3×3 pixels with sum 1. */
const BLUR = [1, 2, 1].flatMap((row) => [1, 2, 1].map((column) => (row * column) / 16));

/** Applies a blur that prevents aliasing by strides (Zhang 2019; zeros outside), then `se_pool`. */
export const aablur = component(softPoolOptions, (options, at, input: VideoShape) => {
  const { plan, stride } = sePool.plan(options, at, input);
  const values = BLUR.flatMap((weight) => Array<number>(input.channels).fill(weight));
  const pool: PlannedPool = {
    stride,
    plan: perFrame({
      ...plan,
      apply: (x, weights, mode) => {
        const kernel = tf.tensor4d(values, [3, 3, input.channels, 1]);
        const blurred = tf.depthwiseConv2d(asFrames(x), kernel, 1, "same");
        return plan.apply(asVideo(blurred, x.shape[0]), weights, mode);
      },
    }),
  };
  return pool;
});

const params = z.record(z.string(), z.unknown()).nullish();
const ORDER = ["pad", "conv", "norm", "act", "dropout", "pool"] as const;

const learnedOptions = z.strictObject({
  /** Default: the number of input channels. */
  out_channels: z.int().positive().optional(),
  conv_params: z.looseObject({ type: z.string().optional() }).default({}),
  /** These three are defaults for `conv_params`. */
  kernel_size: sizes.default(3),
  stride: sizes.default(2),
  padding: amounts.default(1),
  norm_type: z.string().nullable().default("batch"),
  norm_params: params,
  act_type: z.string().nullable().default("relu"),
  act_params: params,
  dropout: z.number().min(0).lt(1).default(0),
  causal: z.boolean().default(true),
  order: z.array(z.enum(ORDER)).default([...ORDER]),
});

/** Returns the block of a learned pooling, and the number of its output channels. */
export function learnedBlock(
  { out_channels, conv_params, kernel_size, stride, padding, ...rest }: z.output<typeof learnedOptions>,
  channels: number,
): { options: ConvBlockOptions; outChannels: number } {
  const conv = { kernel_size, stride, padding, ...conv_params };
  return {
    options: { ...rest, pool_params: null, conv_params: conv },
    outChannels: out_channels ?? channels,
  };
}

/** Uses a strided ConvBlock in place of a pooling. */
export const learned = component(
  learnedOptions,
  (o, at, input: VideoShape, block: BlockPlanner): PlannedPool => {
    const { options, outChannels } = learnedBlock(o, input.channels);
    return block(options, outChannels, input, at);
  },
);
