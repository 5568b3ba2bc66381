import { tf } from "../../engine";
import { below, type Place, scoped, type Weights } from "../../nn";
import { componentOf } from "../../nn/component";
import { convs } from "../../nn/conv";
import type { PlannedConv } from "../../nn/conv/convolution";
import { splitType } from "../../nn/conv-block";
import type { ConvBlockOptions } from "../../nn/conv-block-options";
import { activation, doublesChannels } from "./activations";
import { conv3d } from "./layers";
import { sequential, type TorchModule, torchModule } from "./module";
import { norm } from "./norms";
import { pool } from "./pools";

/** A described layer, and the number of its output channels. */
export interface Layer {
  readonly module: TorchModule;
  readonly channels: number;
}

/** Describes a ConvBlock: its stages in their order, without dropout, which does nothing in evaluation. */
export function convBlock(
  o: ConvBlockOptions,
  outChannels: number,
  inChannels: number,
  at: Place,
  get: Weights,
): Layer {
  const [type = "standard", params] = splitType(o.conv_params);
  const [poolType = "none", poolParams] = splitType(o.pool_params ?? { type: "none" });
  const convAt = below(at, "conv_params");
  const hasNorm = (o.norm_type ?? "none") !== "none";
  const conv = componentOf(convs, type, below(convAt, "type")).plan(params, convAt, outChannels, !hasNorm);
  let channels = inChannels;
  const stages = {
    pad: () => padding(conv, o.causal),
    conv: () => {
      const module = convolution(conv, channels, scoped(get, "conv"));
      channels = outChannels;
      return module;
    },
    norm: () => norm(o.norm_type, o.norm_params, below(at, "norm_params"), channels, scoped(get, "norm")),
    act: () => {
      if (doublesChannels(o.act_type)) channels *= 2;
      return activation(o.act_type, o.act_params, below(at, "act_params"), scoped(get, "act"));
    },
    dropout: () => undefined,
    pool: () => {
      const given = { params: poolParams, at: below(at, "pool_params"), channels, get: scoped(get, "pool") };
      const layer = pool(poolType, { ...given, block: convBlock });
      channels = layer?.channels ?? channels;
      return layer?.module;
    },
  };
  const module = sequential(Object.fromEntries(o.order.map((stage) => [stage, stages[stage]()])));
  return { module, channels };
}

/** Describes the padding of a block, which repeats the values at the edge; undefined when there is none. */
function padding({ padding: [frames, rows, columns], kernelSize, dilation }: PlannedConv, causal: boolean) {
  const time = causal ? [(kernelSize[0] - 1) * dilation[0], 0] : [frames, frames];
  return edgePadding([columns, columns, rows, rows, ...time]);
}

/** Describes padding by the values at the edge, before and after each axis: columns, rows, frames. */
export const edgePadding = (amounts: readonly number[]): TorchModule | undefined =>
  amounts.some((by) => by > 0) ? torchModule("nn.ReplicationPad3d", [amounts]) : undefined;

/** Describes a convolution, whose filters are multiplied out: windows, weight norm, separable and rotated kernels. */
export function convolution(conv: PlannedConv, channels: number, get: Weights): TorchModule {
  const { live, deadTaps } = conv.filters(channels);
  const around = [...deadTaps, 0, 0].map((n): [number, number] => [n, n]);
  const { stride, dilation } = conv;
  return conv3d(tf.pad(live(get), around), conv.bias ? get("bias") : undefined, { stride, dilation });
}
