import * as tf from "@tensorflow/tfjs-core";
import { formatEinsum, letters, parseEinsum } from "../einsum-equation";

/**
 * The gradient to an operand is again an einsum: of the result's gradient with all other operands. What it cannot
 * express is mended after: labels that only this operand has were summed, so their gradient is repeated along them; a
 * label that it has twice selects a diagonal, so its gradient lies on one.
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
      const sizes = new Map([...labels].map((letter, axis) => [letter, saved[i]!.shape[axis]!]));
      const others = inputs.filter((_, j) => j !== i);
      const own = letters([labels]);
      const known = own.filter((letter) => `${output}${others.join("")}`.includes(letter));
      const sum = tf.einsum(
        formatEinsum({ inputs: [output, ...others], output: known.join("") }),
        dy as tf.Tensor,
        ...saved.filter((_, j) => j !== i),
      );
      const column = own.map((letter) => (known.includes(letter) ? sizes.get(letter)! : 1));
      const repeated = tf.broadcastTo(
        tf.reshape(sum, column),
        own.map((letter) => sizes.get(letter)!),
      );
      return own.length === labels.length
        ? repeated
        : tf.einsum(formatEinsum({ inputs: [own.join("")], output: labels }), repeated);
    };
    return Object.fromEntries(saved.map((_, i) => [i, to(i)]));
  },
};
