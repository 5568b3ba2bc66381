import { asMapping, type IgnoredKeys, withoutIgnoredKeys } from "../base/config/mappings";
import type { TakeNote } from "../base/config/notes";

const BLOCK = /^convnet\.params\.(stem_config|block_configs\.\d+)$/;
const inBlock = (key: string) => new RegExp(`${BLOCK.source.slice(0, -1)}\\.${key}$`);

/** Keys that occur in model files of the PyTorch package, and that its code ignores. */
const IGNORED: readonly IgnoredKeys[] = [
  { at: /^$/, keys: ["height", "width"] },
  { at: /^modulator$/, keys: ["mode"] },
  {
    at: /^(adapter|frontend|convnet|modulator|recurrent)$/,
    keys: ["params"],
    when: ({ type, params }) => type === "none" && Object.keys(asMapping(params)).length > 0,
  },
  {
    at: /^modulator\.params$/,
    keys: [
      "use_layer_norm",
      "learnable_h0",
      "use_depthwise",
      "use_grouped",
      "num_groups",
      "use_residual",
      "grad_clip_val",
    ],
  },
  // A vivit of gradbook has these options itself.
  { at: /^convnet\.params$/, keys: ["dim", "checkpointing"], when: (params) => "block_configs" in params },
  { at: /^convnet\.params$/, keys: ["base_channels", "growth_rate", "num_blocks", "block_config"] },
  { at: /^convnet\.params\.block_configs\.\d+$/, keys: ["out_channels", "channel_multiplier"] },
  {
    at: inBlock("conv_params"),
    keys: ["weight_norm_dim"],
    when: ({ type = "standard" }) => type === "standard",
  },
  { at: inBlock("act_params"), keys: ["inplace"] },
  { at: inBlock("pool_params"), keys: ["channels"] },
  { at: /^frontend\.params$/, keys: ["height", "width", "in_channels"] },
];

/** Copies a model's configuration without the keys that the PyTorch package ignores; each of them is noted. */
export function withoutUnreadKeys(value: unknown, where: string, note: TakeNote): unknown {
  const reason = "has no effect in the PyTorch package, and none here; leave it out";
  const read = withoutIgnoredKeys(value, IGNORED, { reason, where });
  read.notes.forEach(note);
  return read.value;
}
