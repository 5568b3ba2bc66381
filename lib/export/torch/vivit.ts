import { tf } from "../../engine";
import type { BlockOptions } from "../../model/convnet/attention/block";
import { type Rotary, rotaryOfSpace, rotaryOfTime } from "../../model/convnet/attention/rotary";
import type { TokenNormName } from "../../model/convnet/attention/token-norms";
import { planTokenizer } from "../../model/convnet/attention/tokenizer";
import { vivit as component, ofBlocks } from "../../model/convnet/vivit";
import { below, scoped, type VideoShape, type Weights } from "../../nn";
import { optionsOf } from "../../nn/component";
import { triple } from "../../nn/shape";
import { activation } from "./activations";
import { conv3d, dense } from "./layers";
import { inOrder, sequential, type TorchModule, torchModule } from "./module";
import type { StageInput } from "./stage";

/** Describes a factorised space-time vision transformer. */
export function vivit({ params, at, input, get }: StageInput): TorchModule {
  const o = optionsOf(component, params, at);
  const block = ofBlocks(o).data!;
  const tokens = planTokenizer(o.tokenizer, o.embedding_dim, below(at, "tokenizer"), input).output;
  const registers = o.use_register_tokens ? get("register_tokens") : undefined;
  const count = registers?.shape[0] ?? 0;
  const space = block.use_rope
    ? rotary(rotaryOfSpace(tokens.height, tokens.width, block.head_dim, count), 2)
    : undefined;
  const time = block.use_rope ? rotary(rotaryOfTime(tokens.time, block.head_dim), 1) : undefined;
  const of = (kind: string, number: number, place: TorchModule | undefined, causal: boolean) =>
    Array.from({ length: number }, (_, i) =>
      transformerBlock(block, scoped(get, `${kind}_blocks.${i}`), place, causal),
    );
  return sequential({
    tokenizer: tokenizer(o.tokenizer, input, scoped(get, "tokenizer")),
    space: inSpace(of("spatial", o.num_spatial_blocks, space, false), registers),
    time: inTime(of("temporal", o.num_temporal_blocks, time, true)),
    video: torchModule("ChannelsFirst"),
    final: activation(o.final_activation, {}, below(at, "final_activation"), scoped(get, "final")),
  });
}

function inSpace(blocks: readonly TorchModule[], registers: tf.Tensor | undefined): TorchModule | undefined {
  if (blocks.length === 0) return undefined;
  const parts = { blocks: inOrder(blocks) };
  if (!registers) return torchModule("InSpace", [], { parts });
  return torchModule("InSpaceWithRegisters", registers.shape, {
    tensors: { register_tokens: registers },
    parts,
  });
}

const inTime = (blocks: readonly TorchModule[]) =>
  blocks.length === 0 ? undefined : torchModule("InTime", [], { parts: { blocks: inOrder(blocks) } });

function tokenizer(o: Parameters<typeof planTokenizer>[0], input: VideoShape, get: Weights): TorchModule {
  const [size, stride] = [triple(o.kernel_size), triple(o.stride)];
  const [, rows, columns] = triple(o.padding);
  const [kernel, bias] = [get("conv.weight"), get("conv.bias")];
  return torchModule("Tokenizer", [(input.time - size[0]) % stride[0]], {
    parts: {
      conv: conv3d(kernel as tf.Tensor as tf.Tensor5D, bias, { stride, padding: [0, rows, columns] }),
      norm1: TOKEN_NORMS[o.norm](scoped(get, "norm1")),
      proj: dense(scoped(get, "proj")),
      norm2: TOKEN_NORMS[o.norm](scoped(get, "norm2")),
    },
  });
}

/** Norms of tokens. */
const TOKEN_NORMS: Readonly<Record<TokenNormName, (get: Weights) => TorchModule>> = {
  rmsnorm: (get) => torchModule("TokenRMSNorm", get("gamma").shape, { tensors: { gamma: get("gamma") } }),
  layernorm: (get) =>
    torchModule("nn.LayerNorm", get("gamma").shape, {
      tensors: { weight: get("gamma"), bias: get("beta") },
    }),
  dyt: (get) =>
    torchModule("DynamicTanh", get("gamma").shape, {
      tensors: { alpha: get("alpha"), gamma: get("gamma"), beta: get("beta") },
    }),
};

function rotary({ cos, sin, tokens, width }: Rotary, parts: number): TorchModule {
  const table = (values: Float32Array) => tf.tensor2d(values, [tokens, width]);
  return torchModule("Rotary", [tokens, width, parts], { tensors: { cos: table(cos), sin: table(sin) } });
}

function transformerBlock(
  o: BlockOptions,
  get: Weights,
  rotary: TorchModule | undefined,
  causal: boolean,
): TorchModule {
  const width = get("to_out.weight").shape[1]!;
  const layer = (name: string, bias = true) => dense(scoped(get, name), bias);
  const place = sequential({ norm: o.normalize_qk ? torchModule("UnitRMS") : undefined, rotary });
  return torchModule("Block", [], {
    parts: {
      norm1: TOKEN_NORMS[o.norm](scoped(get, "norm1")),
      attention: torchModule("Attention", [width, o.num_heads, o.head_dim, causal], {
        parts: { place },
        inner: { to_qkv: layer("to_qkv", false), to_out: layer("to_out") },
      }),
      norm2: TOKEN_NORMS[o.norm](scoped(get, "norm2")),
      feed_forward: feedForward(o, width, { ff_in: layer("ff_in"), ff_out: layer("ff_out") }),
    },
  });
}

const FF_ACTIVATIONS = {
  gelu: torchModule("nn.GELU"),
  silu: torchModule("nn.SiLU"),
  relu: torchModule("nn.ReLU"),
} as const;

function feedForward(
  { ff_activation: type, ff_dim }: BlockOptions,
  width: number,
  inner: Readonly<Record<string, TorchModule>>,
): TorchModule {
  if (type === "swiglu") return torchModule("GatedFeedForward", [width, ff_dim], { inner });
  return torchModule("FeedForward", [width, ff_dim], { parts: { activation: FF_ACTIVATIONS[type] }, inner });
}
