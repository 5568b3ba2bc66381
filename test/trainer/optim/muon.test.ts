import { expect, test } from "vitest";
import { tf } from "../../../lib/engine";
import { Muon, type MuonOptions } from "../../../lib/trainer/optim/muon";
import type { Optimized } from "../../../lib/trainer/optim/optimizer";

const SHAPES: Record<string, number[]> = {
  kernel: [1, 2, 2, 3, 4],
  matrix: [6, 8],
  gains: [6, 8],
  bias: [4],
};

const makeParameters = (): Optimized[] =>
  Object.entries(SHAPES).map(([name, shape]) => ({
    name,
    variable: tf.tidy(() => tf.variable(tf.zeros(shape))),
    ...({ group: "head", decay: name !== "gains" && name !== "bias" } as const),
  }));

/** Returns the values of all parameters after one step from 0 at the learning rate 1. */
function stepOnce(options: MuonOptions): Record<string, tf.Tensor> {
  const parameters = makeParameters();
  const optimizer = new Muon(parameters, options);
  const grads = Object.fromEntries(
    parameters.map(({ variable }) => [variable.name, tf.randomNormal(variable.shape, 0, 1, "float32", 5)]),
  );
  optimizer.update({ grads, lr: tf.scalar(1), present: tf.tensor1d([]) });
  const after = parameters.map(({ name, variable }) => [name, tf.clone(variable)] as const);
  optimizer.dispose();
  tf.dispose(parameters.map(({ variable }) => variable));
  return Object.fromEntries(after);
}

test("keeps a momentum for kernels and dense weights, and AdamW's moments for the others", () => {
  const parameters = makeParameters();
  const optimizer = new Muon(parameters);
  expect(optimizer.state.map(({ name }) => name)).toEqual([
    "momentum_buffer.kernel",
    "momentum_buffer.matrix",
    "exp_avg.gains",
    "exp_avg.bias",
    "exp_avg_sq.gains",
    "exp_avg_sq.bias",
    "step",
  ]);
  optimizer.dispose();
  tf.dispose(parameters.map(({ variable }) => variable));
});

test.each([
  ["original", Math.sqrt(8 / 6)],
  ["match_rms_adamw", 0.2 * Math.sqrt(8)],
] as const)("moves a matrix equally far in all directions (%s)", (adjustLrFn, factor) => {
  tf.tidy(() => {
    const { matrix } = stepOnce({ adjustLrFn });
    const gram = tf.matMul<tf.Tensor2D>(matrix as tf.Tensor2D, matrix as tf.Tensor2D, false, true);
    const squares = gram.arraySync().map((row, i) => row[i]! / factor ** 2);
    // Five iterations leave singular values between 0.68 and 1.13 (Jordan 2024).
    for (const square of squares) {
      expect(square).toBeGreaterThan(0.68 ** 2);
      expect(square).toBeLessThan(1.14 ** 2);
    }
  });
});

test("treats a kernel as a matrix of its taps and inputs by its outputs", () => {
  tf.tidy(() => {
    const flat = tf.reshape(stepOnce({}).kernel!, [12, 4]) as tf.Tensor2D;
    const gram = tf.matMul<tf.Tensor2D>(flat, flat, true).arraySync();
    gram.forEach((row, i) => {
      row.forEach((value, j) => {
        expect(Math.abs(value - Number(i === j))).toBeLessThan(0.55);
      });
    });
  });
});

test("multiplies the learning rate of AdamW by adamLrRatio", () => {
  tf.tidy(() => {
    const [whole, half] = [stepOnce({}), stepOnce({ adamLrRatio: 0.5 })];
    for (const name of ["gains", "bias"])
      half[name]!.dataSync().forEach((value, i) => {
        expect(value).toBeCloseTo(whole[name]!.dataSync()[i]! / 2, 6);
      });
    expect(half.matrix!.dataSync()).toEqual(whole.matrix!.dataSync());
  });
});
