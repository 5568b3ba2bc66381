import type { tf } from "../../engine";
import { type Place, scoped, type Weights } from "../../nn";
import { optionsOf } from "../../nn/component";
import type { ConvBlockOptions } from "../../nn/conv-block-options";
import { adaptiveavg, adaptivemax } from "../../nn/pool/adaptive";
import { locatt, softPoolOptions } from "../../nn/pool/attention";
import { avg, learned, learnedBlock, max } from "../../nn/pool/window";
import { triple } from "../../nn/shape";
import { chosen } from "./activations";
import { conv3d, dense, short, unlessDefault } from "./layers";
import { sequential, type TorchModule, torchModule } from "./module";

/** The description of a pooling's input. */
export interface PoolInput {
  readonly params: unknown;
  readonly at: Place;
  /** The number of input channels. */
  readonly channels: number;
  readonly get: Weights;
  /** Describes a ConvBlock: the learned pooling is one, and blocks contain poolings. */
  readonly block: (
    ...block: [o: ConvBlockOptions, outChannels: number, inChannels: number, at: Place, get: Weights]
  ) => PoolLayer;
}

/** A described pooling, and the number of its output channels. */
interface PoolLayer {
  readonly module: TorchModule;
  readonly channels: number;
}

type Pool = (pool: PoolInput) => PoolLayer | undefined;

/** Makes a pooling that keeps the channels. */
const keeping =
  (describe: (pool: PoolInput) => TorchModule): Pool =>
  (given) => ({ module: describe(given), channels: given.channels });

const windows = (callee: string, component: typeof max): Pool =>
  keeping(({ params, at }) => {
    const { kernel_size, stride = kernel_size, padding } = optionsOf(component, params, at);
    return torchModule(callee, [short(triple(kernel_size)), short(triple(stride))], {
      options: unlessDefault("padding", triple(padding), 0),
    });
  });

const adaptive = (callee: string, component: typeof adaptivemax): Pool =>
  keeping(({ params, at }) =>
    torchModule(callee, [short(triple(optionsOf(component, params, at).kernel_size))]),
  );

/** Describes a SoftPool, or a mean, with squeeze-excite. */
function excited({ params, at, get }: PoolInput, blur?: TorchModule): TorchModule {
  const { stride, use_soft } = optionsOf({ options: softPoolOptions }, params, at);
  const [channels, hidden] = get("se.reduce.weight").shape as [number, number];
  return sequential({
    blur,
    pool: use_soft
      ? torchModule("SoftPool", [stride])
      : torchModule("nn.AvgPool3d", [
          [1, 2, 2],
          [1, stride, stride],
        ]),
    excite: torchModule("SqueezeExcite", [channels, hidden], {
      inner: { reduce: dense(scoped(get, "se.reduce")), expand: dense(scoped(get, "se.expand")) },
    }),
  });
}

/** `pool_params.type` → pooling. */
export const POOLS: Readonly<Record<string, Pool>> = {
  max: windows("nn.MaxPool3d", max),
  avg: windows("nn.AvgPool3d", avg),
  adaptivemax: adaptive("nn.AdaptiveMaxPool3d", adaptivemax),
  adaptiveavg: adaptive("nn.AdaptiveAvgPool3d", adaptiveavg),
  aablur: keeping((pool) => excited(pool, torchModule("Blur"))),
  se_pool: keeping((pool) => excited(pool)),
  locatt: keeping(({ params, at, channels, get }) => {
    const { chan_window, spatial_kernel } = optionsOf(locatt, params, at);
    const gate = (name: string) =>
      conv3d(get(`${name}.weight`) as tf.Tensor as tf.Tensor5D, get(`${name}.bias`));
    return torchModule("LocalAttention", [channels, chan_window, spatial_kernel], {
      inner: { channel_gate: gate("channel_gate"), spatial_gate: gate("spatial_gate") },
    });
  }),
  learned: ({ params, at, channels, get, block }) => {
    const { options, outChannels } = learnedBlock(optionsOf(learned, params, at), channels);
    return block(options, outChannels, channels, at, get);
  },
  none: () => undefined,
};

/** Describes a pooling by its type; undefined for the identity. */
export const pool = (type: string, given: PoolInput): PoolLayer | undefined =>
  chosen(POOLS, type, given.at)(given);
