import { tf } from "../../engine";
import { type Cell, flatRecurrent } from "./flat";

/** The cell with gates r, z, n: `n = tanh(x_n + r h_n)`, `h' = (1 - z) n + z h` (Cho et al. 2014, as in cuDNN and PyTorch). */
const cell: Cell<tf.Tensor2D> = {
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
export const gru = flatRecurrent(cell);
