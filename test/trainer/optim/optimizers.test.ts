import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { compile, memory, tf } from "../../../lib/engine";
import { makeOptimizer, type OptimizerOptions, parseOptimizer } from "../../../lib/trainer/optim/config";
import type { Constraint, Optimized, StepOptimizer, StepOptions } from "../../../lib/trainer/optim/optimizer";
import type { OptimizerFactory } from "../../../lib/trainer/optim/own";

type Values = Readonly<Record<string, number[]>>;

/** Reference numbers of PyTorch; golden/README.md describes how they were computed. */
const golden = JSON.parse(readFileSync(join(__dirname, "golden", "optimizers.json"), "utf8")) as {
  parameters: (Omit<Optimized, "variable"> & { shape: number[]; initial: number[] })[];
  absent: Record<string, number[]>;
  grads: Values[];
  cases: { name: string; trainer: StepOptions & { optimizer: OptimizerOptions }; after: Values[] }[];
};

const makeParameters = (): Optimized[] =>
  golden.parameters.map(({ shape, initial, ...rest }) => ({
    ...rest,
    variable: tf.tidy(() => tf.variable(tf.tensor(initial, shape))),
  }));

interface Step {
  grads: Values;
  present?: number[];
  constraints?: ReadonlyMap<string, Constraint>;
}

/** Creates an optimizer of the golden parameters in a compiled step. */
function setUp(options: OptimizerOptions, clip: StepOptions = {}, compiled = true) {
  const parameters = makeParameters();
  const optimizer = makeOptimizer(parseOptimizer(options), parameters, clip);
  const { lr } = parseOptimizer(options);
  const take = async ({ grads, present = parameters.map(() => 1), constraints }: Step) => {
    const step = compile(
      (given: tf.Tensor[], rate: tf.Scalar, taking: tf.Tensor1D) =>
        optimizer.updatePresent({
          grads: Object.fromEntries(parameters.map(({ variable }, i) => [variable.name, given[i]!])),
          lr: rate,
          present: taking,
          ...(constraints ? { constraints } : {}),
        }),
      { compile: compiled },
    );
    const given = parameters.map(({ name, variable }) => tf.tensor(grads[name]!, variable.shape));
    const taking = tf.tensor1d(present);
    const report = await step(given, lr, taking);
    const finite = report.finite.dataSync()[0];
    tf.dispose([given, taking, report]);
    step.dispose();
    return finite;
  };
  const dispose = () => {
    optimizer.dispose();
    tf.dispose(parameters.map(({ variable }) => variable));
  };
  return { parameters, optimizer, take, dispose };
}

const valuesOf = ({ parameters, optimizer }: { parameters: Optimized[]; optimizer: StepOptimizer }) =>
  Object.fromEntries(
    [...parameters, ...optimizer.state].map(({ name, variable }) => [name, Array.from(variable.dataSync())]),
  );

describe.each([true, false])("steps equal PyTorch's (compiled: %s)", (compiled) => {
  test.each(golden.cases)("$name", async ({ trainer: { optimizer: options, ...clip }, after }) => {
    const { parameters, take, dispose } = setUp(options, clip, compiled);
    for (const [s, grads] of golden.grads.entries()) {
      const absent = (name: string) => golden.absent[name]?.includes(s) ?? false;
      // The gradient of an absent session's parameter is 0.
      const given = Object.fromEntries(
        Object.entries(grads).map(([name, values]) => [name, absent(name) ? values.map(() => 0) : values]),
      );
      await take({ grads: given, present: parameters.map(({ name }) => (absent(name) ? 0 : 1)) });
      for (const { name, variable } of parameters) {
        const [found, expected] = [variable.dataSync(), after[s]![name]!];
        expected.forEach((value, i) => {
          const off = Math.abs(found[i]! - value);
          expect(off, `step ${s}, ${name}[${i}]`).toBeLessThan(2e-6 * Math.max(1, Math.abs(value)));
        });
      }
    }
    dispose();
  });
});

/** A user-defined momentum optimizer, with a variable for each parameter. */
const momentum: OptimizerFactory = (parameters) => {
  const state = parameters.map(({ name, variable }) => ({
    name: `velocity.${name}`,
    parameter: name,
    variable: tf.tidy(() => tf.variable(tf.zerosLike(variable), false)),
  }));
  return {
    state,
    update({ grads, lr }) {
      parameters.forEach(({ name, variable }, i) => {
        const velocity = state[i]!.variable;
        velocity.assign(tf.add(tf.mul(velocity, 0.9), grads[name]!));
        variable.assign(tf.sub(variable, tf.mul(velocity, lr[name]!)));
      });
    },
  };
};

const ALL: [string, () => OptimizerOptions][] = [
  ["adamw", () => ({ type: "adamw" })],
  ["adam", () => ({ type: "adam" })],
  ["sgd", () => ({ type: "sgd", momentum: 0.9 })],
  ["lion", () => ({ type: "lion" })],
  ["muon", () => ({ type: "muon" })],
  ["tf.train.rmsprop", () => tf.train.rmsprop(0.01, 0.9, 0.5)],
  ["tf.train.adam", () => tf.train.adam(0.01)],
  ["a function", () => ({ type: momentum, lr: 0.01 })],
];

describe.each(ALL)("%s", (_, options) => {
  const grads = golden.grads[0]!;

  test("changes nothing in a step with a non-finite gradient, and leaks no tensor", async () => {
    const before = memory().tensors;
    const given = options();
    const made = setUp(given);
    await made.take({ grads });
    const after = valuesOf(made);
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const broken = { ...grads, "frontend.bias": [value, 0] };
      expect(await made.take({ grads: broken })).toBe(0);
      expect(valuesOf(made)).toEqual(after);
    }
    expect(await made.take({ grads })).toBe(1);
    expect(valuesOf(made)).not.toEqual(after);
    made.dispose();
    if (given instanceof tf.Optimizer) given.dispose();
    // tfjs's `dispose` frees moments only.
    if (!(given instanceof tf.Optimizer)) expect(memory().tensors).toBe(before);
  });

  test("keeps the value and the state of an absent parameter", async () => {
    const made = setUp(options());
    await made.take({ grads });
    const before = valuesOf(made);
    const present = golden.parameters.map(({ name }) => Number(name !== "readouts.0.weight"));
    await made.take({ grads: golden.grads[1]!, present });
    const after = valuesOf(made);
    for (const name of Object.keys(before)) {
      const { parameter } = /(?<parameter>(frontend|convnet|readouts)\..*)/.exec(name)?.groups ?? {};
      if (parameter === "readouts.0.weight") expect(after[name], name).toEqual(before[name]);
      else if (parameter) expect(after[name], name).not.toEqual(before[name]);
    }
    made.dispose();
  });

  test("applies a constraint once, after the step", async () => {
    const [free, held] = [setUp(options()), setUp(options())];
    const constraints = new Map<string, Constraint>([
      ["frontend.weight", (value) => tf.maximum(value, 0)],
      ["frontend.bias", (value, step) => tf.add(value, step())],
    ]);
    await free.take({ grads });
    await held.take({ grads, constraints });
    const [without, with_] = [valuesOf(free), valuesOf(held)];
    expect(with_["frontend.weight"]).toEqual(without["frontend.weight"]!.map((x) => Math.max(x, 0)));
    const steps = with_["frontend.bias"]!.map((x, i) => x - without["frontend.bias"]![i]!);
    for (const step of steps) expect(step).toBeGreaterThan(0);
    expect(with_["readouts.0.weight"]).toEqual(without["readouts.0.weight"]);
    free.dispose();
    held.dispose();
  });

  test("steps the core by coreLrScale times the learning rate", async () => {
    const given = options();
    const scaled = setUp({
      ...(typeof given === "object" && "type" in given ? given : { type: given }),
      coreLrScale: 0,
    } as OptimizerOptions);
    await scaled.take({ grads });
    const [initial, after] = [golden.parameters, valuesOf(scaled)];
    for (const { name, group, initial: values } of initial) {
      const still = values.map(Math.fround);
      if (group === "core") expect(after[name]).toEqual(still);
      else expect(after[name]).not.toEqual(still);
    }
    scaled.dispose();
  });
});

test("a step's graph does not grow with the sizes of the parameters", async () => {
  const constantsOf = async (size: number) => {
    const parameters = ["a", "b"].map(
      (name, dataset): Optimized => ({
        name,
        dataset,
        group: "head",
        decay: true,
        variable: tf.tidy(() => tf.variable(tf.zeros([size]))),
      }),
    );
    const optimizer = makeOptimizer(parseOptimizer({ type: "adamw" }), parameters, {});
    const step = compile((given: tf.Tensor[], lr: tf.Scalar, present: tf.Tensor1D) =>
      optimizer.updatePresent({
        grads: Object.fromEntries(parameters.map(({ variable }, i) => [variable.name, given[i]!])),
        lr,
        present,
      }),
    );
    const given = parameters.map(({ variable }) => tf.ones(variable.shape));
    const present = tf.tensor1d([1, 0]);
    const report = await step(given, 0.1, present);
    const { constantBytes } = step.summary()[0]!;
    const moved = parameters.map(({ variable }) => variable.dataSync()[size - 1]!);
    expect(moved[0]).toBeCloseTo(-0.1, 5);
    expect(moved[1]).toBe(0);
    tf.dispose([given, present, report, parameters.map(({ variable }) => variable)]);
    step.dispose();
    optimizer.dispose();
    return constantBytes;
  };
  expect(await constantsOf(5000)).toBe(await constantsOf(50));
});

test.each([
  ["sgd", () => tf.train.sgd(0.05)],
  ["momentum with nesterov", () => tf.train.momentum(0.05, 0.9, true)],
  ["adagrad", () => tf.train.adagrad(0.05)],
  ["adadelta", () => tf.train.adadelta(0.05)],
  ["adam", () => tf.train.adam(0.05)],
  ["adamax", () => tf.train.adamax(0.05)],
  ["rmsprop", () => tf.train.rmsprop(0.05, 0.9, 0.5, 1e-6, true)],
] as [string, () => tf.Optimizer][])("takes the same steps as tf.train's %s", async (_, make) => {
  const [own, theirs] = [makeParameters(), make()];
  const { parameters, take, dispose } = setUp(make());
  for (const grads of golden.grads) {
    await take({ grads });
    tf.tidy(() =>
      theirs.applyGradients(
        Object.fromEntries(
          own.map(({ name, variable }) => [variable.name, tf.tensor(grads[name]!, variable.shape)]),
        ),
      ),
    );
  }
  own.forEach(({ name, variable }, i) => {
    const found = parameters[i]!.variable.dataSync();
    variable.dataSync().forEach((value, k) => {
      expect(found[k], `${name}[${k}]`).toBeCloseTo(value, 5);
    });
  });
  dispose();
  tf.dispose(own.map(({ variable }) => variable));
});
