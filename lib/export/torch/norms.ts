import { tf } from "../../engine";
import type { Place, Weights } from "../../nn";
import { optionsOf } from "../../nn/component";
import { batch, grn, group, instance, layer, rms } from "../../nn/norm";
import { chosen } from "./activations";
import { type TorchModule, torchModule } from "./module";

/** Describes a norm of `channels` channels from its options and its weights. */
type Norm = (params: unknown, at: Place, channels: number, get: Weights) => TorchModule | undefined;

/** Returns the tensors of a gain and a shift under PyTorch's names. */
const gained = (wanted: boolean, get: Weights) => (wanted ? { weight: get("gamma"), bias: get("beta") } : {});

/** `norm_type` → norm. */
export const NORMS: Readonly<Record<string, Norm>> = {
  batch: (params, at, channels, get) => {
    const { eps, affine } = optionsOf(batch, params, at);
    return torchModule("nn.BatchNorm3d", [channels, eps], {
      options: affine ? {} : { affine },
      tensors: {
        ...gained(affine, get),
        running_mean: get("running_mean"),
        running_var: get("running_var"),
        num_batches_tracked: tf.scalar(0),
      },
    });
  },
  instance: (params, at, channels, get) => {
    const { eps, affine } = optionsOf(instance, params, at);
    return torchModule("nn.InstanceNorm3d", [channels, eps], {
      options: affine ? { affine } : {},
      tensors: gained(affine, get),
    });
  },
  layer: (params, at) => torchModule("LayerNorm", [optionsOf(layer, params, at).eps]),
  rms: (params, at, channels, get) => {
    const { eps, affine } = optionsOf(rms, params, at);
    const tensors = affine
      ? { gamma: get("gamma"), beta: get("beta") }
      : { gamma: tf.ones([channels]), beta: tf.zeros([channels]) };
    return torchModule("RMSNorm", [channels, eps], { tensors });
  },
  group: (params, at, channels, get) => {
    const { num_groups, eps, affine } = optionsOf(group, params, at);
    return torchModule("nn.GroupNorm", [num_groups, channels, eps], {
      options: affine ? {} : { affine },
      tensors: gained(affine, get),
    });
  },
  grn: (params, at, channels, get) => {
    const { eps } = optionsOf(grn, params, at);
    return torchModule("ResponseNorm", [channels, eps], {
      tensors: { gamma: get("gamma"), beta: get("beta") },
    });
  },
  none: () => undefined,
};

/** Describes a norm by its `norm_type`; undefined for the identity. @param at the place of the type */
export const norm = (
  type: string | null | undefined,
  params: unknown,
  at: Place,
  channels: number,
  get: Weights,
): TorchModule | undefined => chosen(NORMS, type ?? "none", at)(params, at, channels, get);
