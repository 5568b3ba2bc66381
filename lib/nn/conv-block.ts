import type { z } from "zod";
import { below, type Place, problemAt } from "../base/config";
import { activations } from "./activation";
import { componentOf } from "./component";
import { convs } from "./conv";
import { planPad } from "./conv/valid";
import type { BLOCK_STAGES, ConvBlockOptions, PlannedBlock, typed } from "./conv-block-options";
import { planDropout } from "./dropout";
import { norms } from "./norm";
import { Chain, type Plan } from "./plan";
import { pools } from "./pool";
import type { VideoShape } from "./shape";

/**
 * Plans padding, convolution, norm, activation, dropout and pooling in the order of the options. Without `pad` in the order, nothing is
 * padded. By default, the convolution has a bias only when there is no norm.
 *
 * @throws ConfigError for an unknown type or option, and where a kernel is larger than its input
 */
export function planConvBlock(
  options: ConvBlockOptions,
  outChannels: number,
  input: VideoShape,
  at: Place,
): PlannedBlock {
  const { order, causal } = options;
  if (!order.includes("conv") || new Set(order).size < order.length)
    throw problemAt(
      below(at, "order"),
      `[${order.join(", ")}] must contain conv, and every stage at most once`,
    );
  const conv = planConv(options, outChannels, at);
  const [frames, rows, columns] = conv.padding;
  // Causal padding covers the whole reach of the kernel; otherwise the padding is equal on both sides.
  const time: [number, number] = causal ? [(conv.kernelSize[0] - 1) * conv.dilation[0], 0] : [frames, frames];
  // The convolution can exploit repeated frames when the padding directly precedes it.
  const joint = causal && order[order.indexOf("conv") - 1] === "pad";
  let stride = conv.stride;
  const chain = new Chain(input);
  const stages: Record<(typeof BLOCK_STAGES)[number], (input: VideoShape) => Plan> = {
    pad: (shape) =>
      planPad({ time: joint ? [0, 0] : time, rows: [rows, rows], columns: [columns, columns] }, shape),
    conv: (shape) => conv.plan(shape, joint ? time[0] : 0),
    norm: (shape) => planNorm(options, shape, at),
    act: (shape) => planActivation(options.act_type, options.act_params, shape, at),
    dropout: (shape) => planDropout(options.dropout, shape, below(at, "dropout")),
    pool: (shape) => {
      const pool = planPool(options, shape, below(at, "pool_params"));
      stride = [stride[0] * pool.stride[0], stride[1] * pool.stride[1], stride[2] * pool.stride[2]];
      return pool.plan;
    },
  };
  for (const stage of order) chain.add(stage, stages[stage]);
  return { plan: chain.plan(), stride };
}

function planConv({ conv_params, norm_type }: ConvBlockOptions, outChannels: number, at: Place) {
  const place = below(at, "conv_params");
  const [type = "standard", params] = splitType(conv_params);
  const hasNorm = (norm_type ?? "none") !== "none";
  return componentOf(convs, type, below(place, "type")).plan(params, place, outChannels, !hasNorm);
}

function planNorm({ norm_type, norm_params }: ConvBlockOptions, input: VideoShape, at: Place): Plan {
  const norm = componentOf(norms, norm_type ?? "none", below(at, "norm_type"));
  return norm.plan(norm_params, below(at, "norm_params"), input);
}

function planPool({ pool_params }: ConvBlockOptions, input: VideoShape, at: Place) {
  const [type = "none", params] = splitType(pool_params ?? { type: "none" });
  return componentOf(pools, type, below(at, "type")).plan(params, at, input, planConvBlock);
}

/** Plans an activation from its `act_type` and `act_params`; null means none. */
export function planActivation(
  type: string | null | undefined,
  params: unknown,
  input: VideoShape,
  at: Place,
  key = "act_type",
): Plan {
  return componentOf(activations, type ?? "none", below(at, key)).plan(
    params,
    below(at, "act_params"),
    input,
  );
}

/** Separates the type of a part from its options. */
export function splitType({ type, ...params }: z.output<typeof typed>) {
  return [type, params] as const;
}
