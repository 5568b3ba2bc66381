import { product } from "../../base/arrays/shape";
import { type Convert, type Operation, padsFrom } from "./operation";

/** Makes the order of axes that exchanges the last two. */
const lastTwoSwapped = (rank: number) =>
  Array.from({ length: rank }, (_, axis) =>
    axis === rank - 1 ? rank - 2 : axis === rank - 2 ? rank - 1 : axis,
  );

const matMul =
  (a: string, b: string): Convert =>
  (operation) => {
    const factor = (at: number, attribute: string) => {
      const x = operation.input(at);
      const isTransposed = operation.attribute(attribute, false);
      return isTransposed ? operation.step("Transpose", [x], { perm: lastTwoSwapped(operation.rank) }) : x;
    };
    operation.result("MatMul", [factor(0, a), factor(1, b)]);
  };

/** The order of axes that moves the channels from the last to the second place, and the one that undoes it. */
const channelsSecond = (rank: number) => [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, i) => i + 1)];
const channelsLast = (rank: number) => [0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2), 1];

/** Adds a node between transpositions to ONNX' order of axes and back. */
function inChannelsSecond(
  operation: Operation,
  op: string,
  others: readonly string[],
  attributes: Parameters<Operation["result"]>[2],
): void {
  const { rank } = operation;
  const x = operation.step("Transpose", [operation.input(0)], { perm: channelsSecond(rank) });
  const y = operation.step(op, [x, ...others], attributes);
  operation.result("Transpose", [y], { perm: channelsLast(rank) });
}

/** Returns the lengths of an attribute for the axes of time and space. */
const inner = (operation: Operation, name: string) => {
  const all = Array.from(operation.attribute<ArrayLike<number>>(name, []));
  return all.length > 0 ? all.slice(1, -1) : Array.from({ length: operation.rank - 2 }, () => 1);
};

/** Returns the attribute of the padding. */
function padding(operation: Operation): { auto_pad?: string; pads?: readonly number[] } {
  const name = operation.attribute("padding", "VALID");
  if (name === "VALID") return {};
  if (name === "SAME") return { auto_pad: "SAME_UPPER" };
  const pairs = Array.from(operation.attribute<ArrayLike<number>>("explicit_paddings", [])).slice(2, -2);
  return { pads: padsFrom(pairs) };
}

/** Makes the conversion of a convolution. @param isDepthwise whether the kernel is `[..., channels, multiplier]` */
const convolution =
  (isDepthwise: boolean): Convert =>
  (operation) => {
    const { shape, values } = operation.fixed(1);
    const [rows, columns] = shape.slice(-2) as [number, number];
    const size = shape.slice(0, -2);
    const pixels = product(size);
    const [groups, inputs, outputs] = isDepthwise ? [rows, 1, rows * columns] : [1, rows, columns];
    const kernel = new Float32Array(values.length);
    for (let p = 0; p < pixels; p++)
      for (let i = 0; i < inputs; i++)
        for (let o = 0; o < outputs; o++)
          kernel[(o * inputs + i) * pixels + p] = values[(p * inputs + i) * outputs + o]!;
    inChannelsSecond(operation, "Conv", [operation.floats([outputs, inputs, ...size], kernel)], {
      strides: inner(operation, "strides"),
      dilations: inner(operation, "dilations"),
      group: groups,
      ...padding(operation),
    });
  };

const pooling =
  (op: string): Convert =>
  (operation) =>
    inChannelsSecond(operation, op, [], {
      kernel_shape: inner(operation, "ksize"),
      strides: inner(operation, "strides"),
      ...padding(operation),
    });

/** The products, convolutions and poolings, by TensorFlow's names. */
export const CONTRACTION: Readonly<Record<string, Convert>> = {
  AvgPool: pooling("AveragePool"),
  AvgPool3D: pooling("AveragePool"),
  BatchMatMulV2: matMul("adj_x", "adj_y"),
  Conv2D: convolution(false),
  Conv3D: convolution(false),
  DepthwiseConv2dNative: convolution(true),
  Einsum: (operation) =>
    operation.result("Einsum", operation.inputs(), { equation: operation.attribute("equation", "") }),
  MatMul: matMul("transpose_a", "transpose_b"),
  MaxPool: pooling("MaxPool"),
  MaxPool3D: pooling("MaxPool"),
};
