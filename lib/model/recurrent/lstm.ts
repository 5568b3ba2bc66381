import { tf } from "../../engine";
import { type Cell, flatRecurrent } from "./flat";

interface State {
  readonly hidden: tf.Tensor2D;
  readonly memory: tf.Tensor2D;
}

/** The cell with gates i, f, g, o: `c' = f c + i g`, `h' = o tanh(c')` (Hochreiter & Schmidhuber 1997, with forget gates). */
const cell: Cell<State> = {
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
export const lstm = flatRecurrent(cell);
