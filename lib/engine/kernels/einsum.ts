import type * as tf from "@tensorflow/tfjs-core";
import { getTFDType } from "#tfjs/backend";
import { formatEinsum, parseEinsum } from "../einsum-equation";
import { attr, kernel } from "./kernel";

/** Contracts one or two tensors; a label may occur only once in each. tfjs documents and tests these limits. */
export const einsumKernel = kernel(
  "Einsum",
  (given: readonly tf.Tensor[], { equation }: tf.EinsumAttrs, backend): tf.Tensor => {
    const tensors = Object.values(given);
    const ranks = tensors.map(({ rank }) => rank);
    const { inputs, output } = parseEinsum(equation, ranks);
    if (tensors.length > 2)
      throw new Error(
        `einsum("${equation}") has more than 2 input tensors, which is not supported: contract two at a time.`,
      );
    const twice = inputs.find((labels) => new Set(labels).size < labels.length);
    if (twice)
      throw new Error(`einsum("${equation}"): "${twice}" has a label twice, which is not implemented yet.`);
    return backend.executeSingleOutput(
      "Einsum",
      [
        attr.int("N", tensors.length),
        attr.string("equation", formatEinsum({ inputs, output })),
        attr.type("T", getTFDType(tensors[0]!.dtype)),
      ],
      tensors,
    );
  },
);
