import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compile, tf } from "../../lib/engine";
import { gammaLoss, gaussianLoss, squaredError, zeroInflatedGammaLoss } from "../../lib/losses/responses";

type Rows = number[][];
interface Case {
  name: keyof typeof LOSSES;
  inputs: Readonly<Record<string, Rows>>;
  loss: Rows;
  gradients: Readonly<Record<string, Rows>>;
}

const LOSSES = {
  mse: squaredError,
  gaussian: gaussianLoss,
  gamma: gammaLoss,
  zero_inflated_gamma: zeroInflatedGammaLoss,
} as const;

/** Compares values with a precision of 1e-5 of the largest one, that of float32 after some operations. */
function expectClose(found: ArrayLike<number>, wanted: readonly number[]): void {
  expect(found).toHaveLength(wanted.length);
  const worst = Math.max(...wanted.map((value, i) => Math.abs(found[i]! - value)));
  expect(worst / Math.max(...wanted.map(Math.abs))).toBeLessThan(1e-5);
}

/** Written by `reference/responses.py` with PyTorch's distributions. */
const CASES: Case[] = JSON.parse(readFileSync(join(__dirname, "reference/responses.json"), "utf8"));

for (const { name, inputs, loss, gradients } of CASES) {
  test(`${name} has the values and the gradients of PyTorch's distributions`, async () => {
    const each = (given: Record<string, tf.Tensor>) => LOSSES[name](given as never);
    const names = Object.keys(gradients);
    const tensors = Object.fromEntries(Object.entries(inputs).map(([key, rows]) => [key, tf.tensor2d(rows)]));
    const step = compile((given: Record<string, tf.Tensor>) => {
      const weight = tf.reshape(tf.range(1, loss.flat().length + 1), [loss.length, -1]);
      const total = (...values: tf.Tensor[]) =>
        tf.sum(
          tf.mul(each({ ...given, ...Object.fromEntries(values.map((v, i) => [names[i]!, v])) }), weight),
        );
      return [each(given), ...tf.grads(total)(names.map((key) => given[key]!))];
    });
    const [values, ...found] = (await step(tensors)) as tf.Tensor[];
    expectClose(values!.dataSync(), loss.flat());
    found.forEach((gradient, i) => {
      expectClose(gradient.dataSync(), gradients[names[i]!]!.flat());
    });
    step.dispose();
  });
}
