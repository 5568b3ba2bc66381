import { tf } from "../../engine";
import { convgru } from "../../model/recurrent/convgru";
import { gru, lstm } from "../../model/recurrent/flat";
import { scoped, type Weights } from "../../nn";
import { optionsOf } from "../../nn/component";
import { inOrder, type TorchModule, torchModule } from "./module";
import type { Stage } from "./stage";

/** Describes one layer of a ConvGRU. */
export function convgruCell(get: Weights): TorchModule {
  const of = (leaf: string, gates: readonly string[]) =>
    gates.map((gate) => get(`${gate}_gate.${leaf}`) as tf.Tensor);
  /** The convolution of some gates together. */
  const gates = (names: readonly string[]) => ({
    weight: tf.transpose(tf.concat(of("weight", names), 3), [3, 2, 0, 1]),
    bias: tf.concat(of("bias", names)),
  });
  const [size, , channels, hidden] = get("out_gate.weight").shape as [number, number, number, number];
  const [both, out] = [gates(["update", "reset"]), gates(["out"])];
  return torchModule("ConvGRU", [channels - hidden, hidden, size], {
    tensors: {
      "gates.weight": both.weight,
      "gates.bias": both.bias,
      "candidate.weight": out.weight,
      "candidate.bias": out.bias,
    },
  });
}

/** Makes the description of one of PyTorch's recurrent networks over flattened frames. */
const flat =
  (callee: string, component: typeof gru): Stage =>
  ({ params, at, input: { height, width, channels }, get }) => {
    const { hidden_dim, n_layers } = optionsOf(component, params, at);
    const layers = Array.from({ length: n_layers }, (_, i) => i);
    const tensors = layers.flatMap((i) => [
      ...["weight_ih", "weight_hh"].map((name) => [`${name}_l${i}`, tf.transpose(get(`rnn.${name}_l${i}`))]),
      ...["bias_ih", "bias_hh"].map((name) => [`${name}_l${i}`, get(`rnn.${name}_l${i}`)]),
    ]);
    const rnn = torchModule(callee, [height * width * channels, hidden_dim], {
      options: { ...(n_layers > 1 ? { num_layers: n_layers } : {}), batch_first: true },
      tensors: Object.fromEntries(tensors),
    });
    return torchModule("FlatRecurrent", [], { parts: { rnn } });
  };

/** `recurrent.type` → recurrent stage, which returns its state after each frame. */
export const RECURRENTS: Readonly<Record<string, Stage>> = {
  none: () => undefined,
  convgru: ({ params, at, get }) => {
    const { n_layers } = optionsOf(convgru, params, at);
    return inOrder(Array.from({ length: n_layers }, (_, i) => convgruCell(scoped(get, `cells.${i}`))));
  },
  gru: flat("nn.GRU", gru),
  lstm: flat("nn.LSTM", lstm),
};
