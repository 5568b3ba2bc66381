import * as tf from "@tensorflow/tfjs-core";
import { formatEinsum, parseEinsum } from "../einsum-equation";

/**
 * The gradient to an operand is again an einsum: of the result's gradient with the other operand. Labels that only this
 * operand has were summed, so the gradient is repeated along them.
 */
export const einsumGradient: tf.GradConfig = {
  kernelName: "Einsum",
  saveAllInputs: true,
  gradFunc: (dy, saved, attrs) => {
    const { inputs, output } = parseEinsum(
      attrs.equation as string,
      saved.map(({ rank }) => rank),
    );
    const to = (i: number) => () => {
      const labels = inputs[i]!;
      const others = inputs.filter((_, j) => j !== i);
      const known = [...labels].filter((letter) => `${output}${others.join("")}`.includes(letter));
      const sum = tf.einsum(
        formatEinsum({ inputs: [output, ...others], output: known.join("") }),
        dy as tf.Tensor,
        ...saved.filter((_, j) => j !== i),
      );
      const { shape } = saved[i]!;
      const column = [...labels].map((letter, axis) => (known.includes(letter) ? shape[axis]! : 1));
      return tf.broadcastTo(tf.reshape(sum, column), shape);
    };
    return Object.fromEntries(saved.map((_, i) => [i, to(i)]));
  },
};
