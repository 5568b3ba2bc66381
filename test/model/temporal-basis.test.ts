import { expect, test } from "vitest";
import { tf } from "../../lib/engine";
import { frontends } from "../../lib/model/frontend";
import type { VideoShape } from "../../lib/nn";
import { createVariables, lookUp } from "../../lib/nn/parameter";
import { ourName } from "../../lib/twin/torch-names";

const AT = { where: "test", path: "frontend.params" };
const INPUT: VideoShape = { time: 9, height: 3, width: 2, channels: 2 };
const OPTIONS = { history_bins: 5, num_cosine_funcs: 3 };
const FUNCTIONS = OPTIONS.num_cosine_funcs;

const planOf = (options: object) => frontends.temporal_basis!.plan({ ...OPTIONS, ...options }, AT, INPUT);
const movie = () => tf.randomNormal<tf.Rank.R5>([2, 9, 3, 2, 2], 1, 2, "float32", 4);
const valuesOf = (x: tf.Tensor) => Array.from(x.dataSync());

/** The mean and the biased variance of each function's results over batch, frames, pixels and input channels. */
function moments(values: readonly number[]) {
  return Array.from({ length: FUNCTIONS }, (_, f) => {
    const own = values.filter((_, i) => i % FUNCTIONS === f);
    const mean = own.reduce((a, b) => a + b, 0) / own.length;
    return {
      mean,
      variance: own.reduce((sum, x) => sum + (x - mean) ** 2, 0) / own.length,
      count: own.length,
    };
  });
}

function expectClose(found: readonly number[], expected: readonly number[]): void {
  expect(found.length).toBe(expected.length);
  expect(Math.max(...found.map((value, i) => Math.abs(value - expected[i]!)))).toBeLessThan(1e-5);
}

test.each([true, false])("normalises each function over the batch in training, with causal %s", (causal) => {
  const x = movie();
  const plain = planOf({ causal });
  const raw = valuesOf(plain.apply(x, lookUp(new Map()), { training: false }));
  const plan = planOf({ causal, batch_norm: true });
  const variables = createVariables(plan.weights, 1);
  variables.get("norm.gamma")!.assign(tf.tensor([1, 2, 3]));
  variables.get("norm.beta")!.assign(tf.tensor([0, -1, 4]));
  const found = moments(raw);
  const normed = (value: number, i: number) => {
    const f = i % FUNCTIONS;
    const { mean, variance } = found[f]!;
    return ((value - mean) / Math.sqrt(variance + 1e-5)) * [1, 2, 3][f]! + [0, -1, 4][f]!;
  };
  expect(plan.output).toEqual(plain.output);
  expectClose(valuesOf(plan.apply(x, lookUp(variables), { training: true })), raw.map(normed));
  expectClose(
    valuesOf(variables.get("norm.running_mean")!),
    found.map(({ mean }) => 0.1 * mean),
  );
  expectClose(
    valuesOf(variables.get("norm.running_var")!),
    found.map(({ variance, count }) => 0.9 + (0.1 * variance * count) / (count - 1)),
  );
});

test("takes the statistics of all frames before it removes the first ones", () => {
  const x = movie();
  const whole = planOf({ batch_norm: true });
  const short = planOf({ batch_norm: true, chomp: 4 });
  const run = (plan: typeof whole) =>
    plan.apply(x, lookUp(createVariables(plan.weights, 1)), { training: true }) as tf.Tensor5D;
  expect(short.output).toEqual({ ...whole.output, time: 5 });
  expectClose(valuesOf(run(short)), valuesOf(tf.slice(run(whole), [0, 4, 0, 0, 0])));
});

test("normalises with the running statistics in evaluation", () => {
  const x = movie();
  const raw = valuesOf(planOf({}).apply(x, lookUp(new Map()), { training: false }));
  const plan = planOf({ batch_norm: true });
  const variables = createVariables(plan.weights, 1);
  variables.get("norm.running_mean")!.assign(tf.tensor([1, 0, -1]));
  variables.get("norm.running_var")!.assign(tf.tensor([4, 1, 0.25]));
  const expected = raw.map((value, i) => {
    const f = i % FUNCTIONS;
    return (value - [1, 0, -1][f]!) / Math.sqrt([4, 1, 0.25][f]! + 1e-5);
  });
  expectClose(valuesOf(plan.apply(x, lookUp(variables), { training: false })), expected);
});

test("names its weights as PyTorch's checkpoints do, whose basis follows from the options", () => {
  const names = ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"];
  expect(names.map((name) => ourName(`model.frontend.bn.${name}`))).toEqual([
    "frontend.norm.gamma",
    "frontend.norm.beta",
    "frontend.norm.running_mean",
    "frontend.norm.running_var",
    undefined,
  ]);
  expect(ourName("model.frontend.basis")).toBeUndefined();
});
