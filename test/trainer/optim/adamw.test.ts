import { expect, test } from "vitest";
import { compile, memory, tf } from "../../../lib/engine";
import { AdamW } from "../../../lib/trainer/optim/adam";

function makeParameters() {
  const make = (values: number[]) => tf.tidy(() => tf.variable(tf.tensor1d(values)));
  return [
    { name: "frontend.weight", variable: make([1, -2]), group: "core", decay: true },
    { name: "readouts.0.bias", variable: make([3]), group: "head", decay: false, dataset: 0 },
  ] as const;
}

test.each([true, false])(
  "a step with a non-finite gradient changes nothing (compiled: %s)",
  async (compiled) => {
    const before = memory().tensors;
    const parameters = makeParameters();
    const optimizer = new AdamW(parameters, { gradientClipVal: 1 });
    const step = compile(
      (core: tf.Tensor1D, head: tf.Tensor1D, lr: tf.Scalar, present: tf.Tensor1D) =>
        optimizer.update({
          grads: { [parameters[0].variable.name]: core, [parameters[1].variable.name]: head },
          lr,
          present,
        }),
      { compile: compiled },
    );
    const take = async (core: number[]) => {
      const [a, b, present] = [tf.tensor1d(core), tf.tensor1d([0.5]), tf.tensor1d([1])];
      const report = await step(a, b, 0.1, present);
      const finite = report.finite.dataSync()[0];
      tf.dispose([a, b, present, report]);
      return finite;
    };
    const all = () =>
      [...parameters, ...optimizer.state].map(({ variable }) => Array.from(variable.dataSync()));
    expect(await take([0.1, 0.2])).toBe(1);
    const after = all();
    expect(after[0]).not.toEqual([1, -2]);
    expect(await take([Number.NaN, 0.2])).toBe(0);
    expect(await take([Number.POSITIVE_INFINITY, 0.2])).toBe(0);
    expect(all()).toEqual(after);
    expect(await take([0.1, 0.2])).toBe(1);
    expect(all()).not.toEqual(after);
    step.dispose();
    optimizer.dispose();
    for (const { variable } of parameters) variable.dispose();
    expect(memory().tensors).toBe(before);
  },
);

test("reports the parameter whose gradient is missing", () => {
  const parameters = makeParameters();
  const optimizer = new AdamW(parameters);
  expect(() =>
    tf.tidy(() => optimizer.update({ grads: {}, lr: tf.scalar(1), present: tf.tensor1d([1]) })),
  ).toThrow("AdamW: no gradient for frontend.weight");
  optimizer.dispose();
  for (const { variable } of parameters) variable.dispose();
});
