import { z } from "zod";
import { component } from "../component";
import type { VideoShape } from "../shape";
import { amounts, sizes } from "../triple";
import type { BlockPlanner, PlannedPool } from "./planned";

const params = z.record(z.string(), z.unknown()).nullish();
const ORDER = ["pad", "conv", "norm", "act", "dropout", "pool"] as const;

const options = z.strictObject({
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

/** Uses a strided ConvBlock in place of a pooling. */
export const learned = component(options, (o, at, input: VideoShape, block: BlockPlanner): PlannedPool => {
  const { out_channels = input.channels, conv_params, kernel_size, stride, padding, ...rest } = o;
  return block(
    { ...rest, pool_params: null, conv_params: { kernel_size, stride, padding, ...conv_params } },
    out_channels,
    input,
    at,
  );
});
