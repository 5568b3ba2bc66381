import { Script } from "node:vm";
import { expect, test } from "vitest";
import { compile, tf } from "../../lib/engine";
import { exclusively } from "../../lib/engine/queue";
import { record } from "../../lib/engine/record";

/** Makes V8 terminate code after a while, as a notebook's kernel does, and calls the engine's callbacks. */
function terminated(run: () => unknown): void {
  const scope = globalThis as Record<string | symbol, unknown>;
  scope.terminatedRun = run;
  expect(() => new Script("terminatedRun()").runInThisContext({ timeout: 60 })).toThrow("timed out");
  delete scope.terminatedRun;
  for (const putBack of scope[Symbol.for("gradbook.terminated")] as Set<() => void>) putBack();
}
const forever = () => {
  for (;;);
};

test("restores variables after a termination during tracing; draws and other traces still work", async () => {
  const weight = tf.variable(tf.tensor1d([1, 2]));
  terminated(() =>
    record("scaled", () => {
      weight.assign(tf.mul(weight, 2));
      forever();
    }, []),
  );
  expect(Math.random()).toBeLessThan(1);
  expect(Array.from(weight.dataSync())).toEqual([1, 2]);
  const doubled = await compile((x: tf.Tensor) => tf.mul(x, weight))(tf.scalar(2));
  expect(Array.from(doubled.dataSync())).toEqual([2, 4]);
});

test("does not wait for a step that was terminated before it completed", async () => {
  void exclusively(() => new Promise(() => {}));
  terminated(forever);
  const sum = await compile((x: tf.Tensor) => tf.sum(x))(tf.tensor1d([1, 2]));
  expect(sum.dataSync()[0]).toBe(3);
});

test("computes correct gradients after a termination in a gradient, a kernel or a tidy", () => {
  const x = tf.variable(tf.tensor1d([1, 2]));
  const before = tf.memory().numTensors;
  terminated(() =>
    tf.tidy(() =>
      tf.variableGrads(() => {
        const y = tf.customGrad((a) => {
          forever();
          return { value: a as tf.Tensor, gradFunc: () => [] };
        })(tf.square(x));
        return tf.sum(y) as tf.Scalar;
      }),
    ),
  );
  expect(tf.memory().numTensors).toBe(before);
  const { grads } = tf.variableGrads(() => tf.sum(tf.square(x)) as tf.Scalar);
  expect(Array.from(grads[x.name]!.dataSync())).toEqual([2, 4]);
});
