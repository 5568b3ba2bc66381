import { notOneOf } from "../../base/config";
import { type Place, problemAt, type Weights } from "../../nn";
import { bsoftplus, leakyrelu, splitrelu } from "../../nn/activation";
import { optionsOf } from "../../nn/component";
import type { Expression } from "./expression";
import { type TorchModule, torchModule } from "./module";

/** Describes an activation from its options and its weights. */
type Activation = (params: unknown, at: Place, get: Weights) => TorchModule | undefined;

const plain =
  (callee: string, ...args: Expression[]): Activation =>
  () =>
    torchModule(callee, args);

/** `act_type` → activation. */
export const ACTIVATIONS: Readonly<Record<string, Activation>> = {
  relu: plain("nn.ReLU"),
  elu: plain("nn.ELU"),
  leakyrelu: (params, at) => torchModule("nn.LeakyReLU", [optionsOf(leakyrelu, params, at).negative_slope]),
  gelu: plain("nn.GELU"),
  sigmoid: plain("nn.Sigmoid"),
  tanh: plain("nn.Tanh"),
  silu: plain("nn.SiLU"),
  swish: plain("nn.SiLU"),
  mish: plain("nn.Mish"),
  softplus: plain("nn.Softplus"),
  bsoftplus: (params, at, get) => {
    const { beta_min, beta_max } = optionsOf(bsoftplus, params, at);
    return torchModule("BoundedSoftplus", [beta_min, beta_max], { tensors: { log_beta: get("log_beta") } });
  },
  splitrelu: (params, at, get) => {
    const { trainable_gain } = optionsOf(splitrelu, params, at);
    if (!trainable_gain) return torchModule("SplitReLU");
    return torchModule("GainedSplitReLU", [], { tensors: { gain: get("gain") } });
  },
  square: plain("Square"),
  none: () => undefined,
};

/** Whether an activation makes two output channels of each input channel. */
export const doublesChannels = (type: string | null | undefined): boolean => type === "splitrelu";

/** Describes an activation by its `act_type`; undefined for the identity. @param at the place of the type */
export function activation(
  type: string | null | undefined,
  params: unknown,
  at: Place,
  get: Weights,
): TorchModule | undefined {
  return chosen(ACTIVATIONS, type ?? "none", at)(params, at, get);
}

/**
 * Returns the description of a component's type.
 *
 * @throws ConfigError for a component of a user's module
 */
export function chosen<T>(table: Readonly<Record<string, T>>, type: string, at: Place): T {
  if (Object.hasOwn(table, type)) return table[type]!;
  const message = type.includes("#")
    ? `"${type}" is a component of your own in TypeScript, which has no counterpart in Python; export its graph with --to onnx or --to saved-model`
    : notOneOf(type, Object.keys(table));
  throw problemAt(at, message);
}
