import type * as tf from "@tensorflow/tfjs-core";
import { getTFDType } from "@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend";
import { formatEinsum, letters, parseEinsum } from "../einsum-equation";
import { attr, kernel } from "./kernel";

/** TensorFlow's Einsum takes at most two tensors: more are contracted one after another, from the left. */
export const einsumKernel = kernel(
  "Einsum",
  (given: readonly tf.Tensor[], { equation }: tf.EinsumAttrs, backend): tf.Tensor => {
    const tensors = Object.values(given);
    const { inputs, output } = parseEinsum(
      equation,
      tensors.map(({ rank }) => rank),
    );
    const contract = (operands: tf.Tensor[], labels: string[], result: string) =>
      backend.executeSingleOutput(
        "Einsum",
        [
          attr.int("N", operands.length),
          attr.string("equation", formatEinsum({ inputs: labels, output: result })),
          attr.type("T", getTFDType(operands[0]!.dtype)),
        ],
        operands,
      );
    let [left, ...rest] = tensors as [tf.Tensor, ...tf.Tensor[]];
    let [labels, ...others] = inputs as [string, ...string[]];
    while (rest.length > 1) {
      const [next, ...later] = rest as [tf.Tensor, ...tf.Tensor[]];
      const [nextLabels, ...laterLabels] = others as [string, ...string[]];
      const needed = letters([output, ...laterLabels]);
      const kept = letters([labels, nextLabels]).filter((letter) => needed.includes(letter));
      left = contract([left, next], [labels, nextLabels], kept.join(""));
      labels = kept.join("");
      rest = later;
      others = laterLabels;
    }
    return contract([left, ...rest], [labels, ...others], output);
  },
);
