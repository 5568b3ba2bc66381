import { z } from "zod";
import { tf } from "../../engine";
import { component, type Plan, type VideoShape, type WeightSpec, type Weights } from "../../nn";
import { uniformByFanIn } from "../../nn/initializers";

const options = z.strictObject({
  hidden_dim: z.int().positive().default(64),
  n_layers: z.int().positive().default(1),
});

/** A recurrent cell whose gates are concatenated. */
export interface Cell<State> {
  /** The number of gates. */
  readonly gates: number;
  /**
   * @param fromInput `x W_ih + b_ih`, `[B, gates * hidden]`
   * @param fromState `h W_hh + b_hh`; or only the bias, `[1, ...]`, for the state 0 before the first frame
   * @param state undefined before the first frame
   */
  step(fromInput: tf.Tensor2D, fromState: tf.Tensor2D, state: State | undefined): State;
  /** Returns the input of the next layer, `[B, hidden]`. */
  output(state: State): tf.Tensor2D;
}

/**
 * Makes a recurrent network over frames flattened as `[h, w, c]`, starting from the state 0. Weights: `rnn.weight_ih_l{i}` `[in, gates *
 * hidden]`, `rnn.weight_hh_l{i}` and two biases each, initially uniform in ±1/√hidden.
 */
function flatRecurrent<State>(cell: Cell<State>) {
  return component(options, (o, _at, input: VideoShape, sequence: boolean): Plan => {
    const { hidden_dim: hidden, n_layers: layers } = o;
    const { time, height, width, channels } = input;
    const all = cell.gates * hidden;
    const widths = Array.from({ length: layers }, (_, i) => (i === 0 ? height * width * channels : hidden));
    return {
      output: { time: sequence ? time : 1, height: 1, width: 1, channels: hidden },
      weights: widths.flatMap((inputs, i) => layerWeights(inputs, hidden, all, i)),
      flops: widths.reduce((sum, inputs) => sum + 2 * all * (time * inputs + (time - 1) * hidden), 0),
      // One position that covers the whole frame.
      geometry: {
        y: { scale: height, offset: (height - 1) / 2 },
        x: { scale: width, offset: (width - 1) / 2 },
      },
      apply: (x, weights) => {
        const batch = x.shape[0];
        let frames = tf.reshape(x, [batch, time, -1]) as tf.Tensor3D;
        let outputs: tf.Tensor2D[] = [];
        for (let layer = 0; layer < layers; layer++) {
          if (layer > 0) frames = tf.stack(outputs, 1) as tf.Tensor3D;
          outputs = runLayer(cell, frames, hidden, (name) => weights(`rnn.${name}_l${layer}`));
        }
        const seen = sequence ? tf.stack(outputs, 1) : outputs.at(-1)!;
        return tf.reshape(seen, [batch, sequence ? time : 1, 1, 1, hidden]);
      },
    };
  });
}

/** Runs a layer over all frames. @returns its output for each frame, `[B, hidden]` */
function runLayer<State>(cell: Cell<State>, x_BTF: tf.Tensor3D, hidden: number, get: Weights): tf.Tensor2D[] {
  const [batch, time, features] = x_BTF.shape;
  const all = cell.gates * hidden;
  // The contribution of the inputs is one product for all frames, outside the loop over time.
  const product = tf.matMul(tf.reshape(x_BTF, [-1, features]), get("weight_ih") as unknown as tf.Tensor2D);
  const shares = tf.unstack(tf.reshape(tf.add(product, get("bias_ih")), [batch, time, all]), 1);
  const states: State[] = [];
  for (const share of shares) {
    const state = states.at(-1);
    const bias = tf.reshape(get("bias_hh"), [1, all]) as tf.Tensor2D;
    // With a single frame, a state of zeros gives the recurrent weight a gradient of 0 instead of none.
    const zero = time === 1 ? tf.zeros<tf.Rank.R2>([1, hidden]) : undefined;
    const before = state ? cell.output(state) : zero;
    const kernel = get("weight_hh") as unknown as tf.Tensor2D;
    const recurrent = before ? tf.add<tf.Tensor2D>(tf.matMul(before, kernel), bias) : bias;
    states.push(cell.step(share as tf.Tensor2D, recurrent, state));
  }
  return states.map(cell.output);
}

function layerWeights(inputs: number, hidden: number, all: number, layer: number): WeightSpec[] {
  const initial = uniformByFanIn(hidden);
  return [
    { name: `rnn.weight_ih_l${layer}`, shape: [inputs, all], initial },
    { name: `rnn.weight_hh_l${layer}`, shape: [hidden, all], initial },
    { name: `rnn.bias_ih_l${layer}`, shape: [all], initial },
    { name: `rnn.bias_hh_l${layer}`, shape: [all], initial },
  ];
}

/** The cell with gates r, z, n: `n = tanh(x_n + r h_n)`, `h' = (1 - z) n + z h` (Cho et al. 2014, as in cuDNN and PyTorch). */
const gruCell: Cell<tf.Tensor2D> = {
  gates: 3,
  output: (state) => state,
  step: (fromInput, fromState, state) => {
    const [xr, xz, xn] = tf.split(fromInput, 3, 1) as tf.Tensor2D[];
    const [hr, hz, hn] = tf.split(fromState, 3, 1) as tf.Tensor2D[];
    const r = tf.sigmoid(tf.add(xr!, hr!));
    const z = tf.sigmoid(tf.add<tf.Tensor2D>(xz!, hz!));
    const n = tf.tanh(tf.add<tf.Tensor2D>(xn!, tf.mul(r, hn!)));
    return state ? tf.add<tf.Tensor2D>(n, tf.mul(z, tf.sub(state, n))) : tf.sub<tf.Tensor2D>(n, tf.mul(z, n));
  },
};

/** Gated recurrent units over flattened features. */
export const gru = flatRecurrent(gruCell);

interface State {
  readonly hidden: tf.Tensor2D;
  readonly memory: tf.Tensor2D;
}

/** The cell with gates i, f, g, o: `c' = f c + i g`, `h' = o tanh(c')` (Hochreiter & Schmidhuber 1997, with forget gates). */
const lstmCell: Cell<State> = {
  gates: 4,
  output: ({ hidden }) => hidden,
  step: (fromInput, fromState, state) => {
    const [i, f, g, o] = tf.split(tf.add<tf.Tensor2D>(fromInput, fromState), 4, 1) as tf.Tensor2D[];
    const written = tf.mul<tf.Tensor2D>(tf.sigmoid(i!), tf.tanh(g!));
    const memory = state ? tf.add<tf.Tensor2D>(tf.mul(tf.sigmoid(f!), state.memory), written) : written;
    return { memory, hidden: tf.mul(tf.sigmoid(o!), tf.tanh(memory)) };
  },
};

/** Long short-term memory over flattened features. */
export const lstm = flatRecurrent(lstmCell);
