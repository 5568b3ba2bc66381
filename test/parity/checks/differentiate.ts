import { expect } from "vitest";
import { compile, memory, tf } from "../../../lib/engine";
import type { WeightSpec, Weights } from "../../../lib/nn";
import { lookUp } from "../../../lib/nn/parameter";
import { expectTensor, type GoldenArray, type GoldenCase, toTensor } from "../golden";

/** A component under test: its weights and its function. */
export interface Subject {
  weights: readonly WeightSpec[];
  /** `output`, and other outputs of a case. */
  outputs(inputs: Record<string, tf.Tensor>, weights: Weights): Record<string, tf.Tensor>;
  /** The inputs without a gradient. */
  constants?: readonly string[];
}

/**
 * Loads a case's weights by name and compares outputs, and the gradients of `sum(output * cotangent)`, or of a `loss`
 * itself, by all inputs and trained weights; both op by op and compiled. No tensor may remain afterwards.
 */
export async function compareWithGolden(golden: GoldenCase, subject: Subject): Promise<void> {
  const before = memory().tensors;
  const trained = subject.weights.filter((w) => w.trained ?? true).map((w) => w.name);
  expect(subject.weights.map((w) => w.name).sort(), "names of weights").toEqual(
    Object.keys(golden.weights).sort(),
  );
  for (const { name, shape } of subject.weights)
    expect(shape, `shape of ${name}`).toEqual(golden.weights[name]!.shape);
  const { cotangents, inputs } = split(golden);
  const differentiable = Object.keys(inputs).filter((name) => !subject.constants?.includes(name));
  expect([...differentiable, ...trained].sort(), "what has a gradient").toEqual(
    Object.keys(golden.grads).sort(),
  );

  const variable = (array: GoldenArray) => tf.tidy(() => tf.variable(toTensor(array)));
  const given = mapValues(inputs, variable);
  const weights = mapValues(golden.weights, variable);
  const all = { ...weights, ...given };
  const wanted = Object.keys(golden.grads).map((name) => [name, all[name]!] as const);
  const outputs = () => {
    const found = subject.outputs(given, lookUp(new Map(Object.entries(weights))));
    // State that a case lists as an output is the state after the pass.
    const state = Object.keys(golden.outputs).filter((name) => weights[name]);
    return { ...found, ...Object.fromEntries(state.map((name) => [name, weights[name]!])) };
  };
  const objective = (found: Record<string, tf.Tensor>) => {
    if (Object.keys(cotangents).length === 0) return found.loss as tf.Scalar;
    const terms = Object.entries(cotangents).map(([name, c]) => tf.sum(tf.mul(found[name]!, c)));
    return tf.addN(terms) as tf.Scalar;
  };
  const both = () => {
    if (wanted.length === 0) return { outputs: mapValues(outputs(), tf.clone), grads: {} };
    // There is only one pass, because a pass may change state. The input is a new tensor, because an identity component
    // would return the variable itself.
    let found: Record<string, tf.Tensor> = {};
    const { grads } = tf.variableGrads(
      () => {
        found = mapValues(outputs(), (tensor) => tf.keep(tf.mul(tensor, 1)));
        return objective(found);
      },
      wanted.map(([, v]) => v),
    );
    const named = wanted.map(([name, v]) => [name, grads[v.name] ?? tf.zerosLike(v)] as const);
    return { outputs: found, grads: Object.fromEntries(named) };
  };
  try {
    for (const compiled of [false, true]) {
      for (const [name, array] of Object.entries(golden.weights))
        tf.tidy(() => weights[name]!.assign(toTensor(array)));
      const run = compile(both, { name: golden.name, compile: compiled });
      const found = (await run()) as { outputs: tf.NamedTensorMap; grads: tf.NamedTensorMap };
      for (const [kind, expected] of [["outputs", golden.outputs], ["grads", golden.grads]] as const) // biome-ignore format: pairs
        for (const [name, array] of Object.entries(expected))
          expectTensor(`${compiled ? "compiled" : "op by op"}, ${kind}.${name}`, found[kind][name]!, array);
      tf.dispose(found);
      run.dispose();
    }
  } finally {
    for (const tensor of [...Object.values(all), ...Object.values(cotangents)]) tensor.dispose();
  }
  expect(memory().tensors - before, "tensors left over").toBe(0);
}

/** The inputs, and the cotangent of each output. */
function split({ inputs }: GoldenCase) {
  const cotangents: Record<string, tf.Tensor> = {};
  const rest: GoldenCase["inputs"] = {};
  for (const [name, array] of Object.entries(inputs)) {
    if (name === "cotangent") cotangents.output = toTensor(array);
    else if (name.startsWith("cotangent.")) cotangents[name.slice("cotangent.".length)] = toTensor(array);
    else rest[name] = array;
  }
  return { cotangents, inputs: rest };
}

function mapValues<A, B>(record: Record<string, A>, map: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
