import { tf } from "../../engine";
import type { ModelConfig } from "../../model";
import { mlp as historyMlp, networkOf } from "../../model/history";
import { OUTPUT_ACTIVATIONS, type OutputActivationName } from "../../model/output";
import { mlp as shifterMlp } from "../../model/shifter";
import { type Place, scoped, type Weights } from "../../nn";
import { optionsOf } from "../../nn/component";
import { linear, mlp } from "./layers";
import { identity, type TorchModule, torchModule } from "./module";

/** A part of the head of each session. */
interface HeadInput {
  readonly params: unknown;
  readonly at: Place;
  /** The number of units of each session. */
  readonly units: readonly number[];
  /** The weights, `{session}.{name}`. */
  readonly get: Weights;
}

/** Describes a part of the head of each session; undefined when there is none. */
type Heads = (input: HeadInput) => TorchModule[] | undefined;

/** `shifter.type` → shifters. */
export const SHIFTERS: Readonly<Record<string, Heads>> = {
  none: () => undefined,
  mlp: ({ params, at, units, get }) => {
    const { hidden_dim, max_shift } = optionsOf(shifterMlp, params, at);
    return units.map((_, session) => {
      const [first, second] = [0, 1].map((layer) => {
        const of = scoped(get, `${session}.layers.${layer}`);
        return linear(of("weight"), of("bias"));
      });
      const inner = { "layers.0": first!, "layers.2": second! };
      return max_shift === null
        ? torchModule("Shifter", [hidden_dim], { inner })
        : torchModule("LimitedShifter", [hidden_dim, max_shift], { inner });
    });
  },
};

/** `history_encoder.type` → encoders of the spike history. */
export const HISTORIES: Readonly<Record<string, Heads>> = {
  mlp: ({ params, at, units, get }) => {
    const o = optionsOf(historyMlp, params, at);
    return units.map((n, session) => mlp(networkOf(o, n), scoped(get, String(session)), at, "act_type"));
  },
};

/** The activations from readout to rate. With `none` the readout is the logarithm of the rate. */
export const OUTPUTS: Readonly<Record<OutputActivationName, TorchModule>> = {
  softplus: torchModule("nn.Softplus"),
  relu: torchModule("nn.ReLU"),
  none: torchModule("Exp"),
  exp: torchModule("Exp"),
  elu1: torchModule("PositiveELU"),
  identity,
};

/** Returns the rates that the baseline adds to each session's units; undefined without a baseline. */
export function baselineRates(
  { baseline }: ModelConfig,
  units: readonly number[],
  get: Weights,
): tf.Tensor[] | undefined {
  if (!baseline.enabled) return undefined;
  const { apply } = OUTPUT_ACTIVATIONS[baseline.activation];
  return units.map((n, session) =>
    tf.reshape(apply(tf.reshape(get(String(session)), [1, n]) as tf.Tensor2D), [n]),
  );
}
