import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compile, conv3d, memory, tf } from "../../lib/engine";
import { expectTensor, type GoldenArray } from "../parity/golden";

/** Compares ops that tfjs lacks or computes wrongly with PyTorch's results; `golden/generate.py` computes these. */
interface Case {
  op: string;
  options: Record<string, unknown>;
  inputs: Record<string, GoldenArray>;
  output: GoldenArray;
  dy: GoldenArray;
  gradients: Record<string, GoldenArray>;
}

type Inputs = Record<string, tf.Tensor>;
// The fixture's options have the shapes that each op needs; JSON carries no types.
type Op = (inputs: Inputs, options: never) => tf.Tensor;

interface Windows {
  filterSize: [number, number, number];
  strides: [number, number, number];
  dilations: [number, number, number];
  pad: "valid" | "same" | number;
}
const word = (pad: Windows["pad"]) => pad as "valid" | "same";
const pair = ([a, b]: number[]) => [a!, b!] as [number, number];
const several = (sizes: number[]) => sizes.some((n) => n > 1);

const OPS: Record<string, Op> = {
  conv3d: ({ x, filter }, { strides, dilations, pad }: Windows) =>
    several(strides) && several(dilations)
      ? conv3d(x as tf.Tensor5D, filter as tf.Tensor5D, { strides, dilations, pad })
      : tf.conv3d(x as tf.Tensor5D, filter as tf.Tensor5D, strides, word(pad), "NDHWC", dilations),
  conv2d: ({ x, filter }, { strides, dilations, pad }: Windows) =>
    tf.conv2d(x as tf.Tensor4D, filter as tf.Tensor4D, pair(strides), pad, "NHWC", pair(dilations)),
  depthwiseConv2d: ({ x, filter }, { strides, dilations, pad }: Windows) =>
    tf.depthwiseConv2d(x as tf.Tensor4D, filter as tf.Tensor4D, pair(strides), pad, "NHWC", pair(dilations)),
  maxPool: ({ x }, { filterSize, strides, pad }: Windows) =>
    tf.maxPool(x as tf.Tensor4D, pair(filterSize), pair(strides), pad),
  avgPool: ({ x }, { filterSize, strides, pad }: Windows) =>
    tf.avgPool(x as tf.Tensor4D, pair(filterSize), pair(strides), pad),
  maxPool3d: ({ x }, { filterSize, strides, pad }: Windows) =>
    tf.maxPool3d(x as tf.Tensor5D, filterSize, strides, pad),
  avgPool3d: ({ x }, { filterSize, strides, pad }: Windows) =>
    tf.avgPool3d(x as tf.Tensor5D, filterSize, strides, pad),
  einsum: (inputs, { equation }: { equation: string }) => tf.einsum(equation, ...Object.values(inputs)),
  cumsum: ({ x }, { axis, exclusive, reverse }: tf.CumsumAttrs) => tf.cumsum(x!, axis, exclusive, reverse),
  cumprod: ({ x }, { axis, exclusive, reverse }: tf.CumprodAttrs) => tf.cumprod(x!, axis, exclusive, reverse),
  mirrorPad: ({ x }, { paddings, mode }: tf.MirrorPadAttrs) => tf.mirrorPad(x!, paddings, mode),
  gather: ({ x, indices }, { axis, batchDims }: tf.GatherV2Attrs) =>
    tf.gather(x!, tf.cast(indices!, "int32"), axis, batchDims),
  transform: (inputs, { fillMode, size }: { fillMode: "constant"; size: [number, number] }) =>
    tf.image.transform(
      inputs.image as tf.Tensor4D,
      inputs.transforms as tf.Tensor2D,
      "bilinear",
      fillMode,
      0,
      size,
    ),
  resizeBilinear: ({ x }, { size, halfPixelCenters }: tf.ResizeBilinearAttrs) =>
    tf.image.resizeBilinear(x as tf.Tensor4D, size, false, halfPixelCenters),
};

const cases = JSON.parse(readFileSync(join(__dirname, "golden", "ops.json"), "utf8")) as Case[];

test.each(cases.map((golden) => ({ name: `${golden.op} ${JSON.stringify(golden.options)}`, golden })))(
  "$name: value and gradients are correct, op by op and compiled",
  async ({ golden }) => {
    const before = memory().tensors;
    const tensor = ({ data, shape }: GoldenArray) => tf.tensor(data, shape, "float32");
    const inputs = Object.fromEntries(
      Object.entries(golden.inputs).map(([key, value]) => [key, tensor(value)]),
    );
    const dy = tensor(golden.dy);
    const op = OPS[golden.op]!;
    const names = Object.keys(golden.gradients);
    const valueAndGradients = ({ inputs, dy }: { inputs: Inputs; dy: tf.Tensor }) => {
      const f = (...xs: tf.Tensor[]) =>
        op(
          { ...inputs, ...Object.fromEntries(names.map((name, i) => [name, xs[i]!])) },
          golden.options as never,
        );
      const gradients = tf.grads(f)(
        names.map((name) => inputs[name]!),
        dy,
      );
      return [op(inputs, golden.options as never), ...gradients];
    };
    const eager = tf.tidy(() => valueAndGradients({ inputs, dy }));
    const compiled = compile(valueAndGradients);
    const results = await compiled({ inputs, dy });
    expectTensor("output", eager[0]!, golden.output);
    for (const [i, name] of names.entries())
      expectTensor(`gradient to ${name}`, eager[i + 1]!, golden.gradients[name]!);
    for (const [i, result] of results.entries()) expectSame(result, eager[i]!);
    tf.dispose([inputs, dy, eager, results]);
    compiled.dispose();
    expect(memory().tensors, "handles left over").toBe(before);
  },
);

function expectSame(compiled: tf.Tensor, eager: tf.Tensor): void {
  expect(compiled.shape).toEqual(eager.shape);
  const [a, b] = [compiled.dataSync(), eager.dataSync()];
  a.forEach((value, i) => {
    expect(Math.abs(value - b[i]!)).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(b[i]!)));
  });
}

test("gives the whole gradient to the first of several maxima in a window, as PyTorch does", () => {
  const x = tf.tensor5d([0, 1, 1, 0, 1, 1, 0, 0], [1, 2, 2, 2, 1]);
  const grad = tf.grad((x) => tf.sum(tf.maxPool3d(x as tf.Tensor5D, 2, 2, "valid")));
  expect(Array.from(grad(x).dataSync())).toEqual([0, 1, 0, 0, 0, 0, 0, 0]);
  // In blank frames every value is a maximum: each of the 8 windows has a gradient of 1.
  expect(tf.sum(grad(tf.ones([1, 4, 4, 4, 1]))).arraySync()).toBe(8);
});

test("matches PyTorch for a stride that leaves one column of a picture with one channel", () => {
  const counted = (shape: number[]) => {
    const size = shape.reduce((a, b) => a * b, 1);
    return Float32Array.from({ length: size }, (_, i) => i + 1);
  };
  const x = tf.tensor5d(counted([1, 2, 6, 5, 1]), [1, 2, 6, 5, 1]);
  // PyTorch's kernel is [out, in, t, h, w].
  const filter = tf.transpose(tf.tensor(counted([2, 1, 2, 1, 4]), [2, 1, 2, 1, 4]), [2, 3, 4, 1, 0]);
  const y = conv3d(x, filter as tf.Tensor5D, { strides: [1, 1, 2] });
  expect(y.shape).toEqual([1, 1, 6, 1, 2]);
  const rows = [880, 2000, 1060, 2500, 1240, 3000, 1420, 3500, 1600, 4000, 1780, 4500];
  expect(Array.from(y.dataSync())).toEqual(rows);
  tf.dispose([x, filter, y]);
});
