import { expect, test } from "vitest";
import { tf } from "../../lib/engine";
import { freeze } from "../../lib/engine/frozen-graph";

test("freezes a function to the operations that depend on its arguments", () => {
  const w = tf.variable(tf.tensor1d([1, 2]));
  const x = tf.tensor1d([3, 4]);
  const scaled = (x: tf.Tensor) => tf.add(tf.mul(x, tf.exp(tf.neg(w))), w);
  const { nodes, results } = freeze("scaled", scaled as Parameters<typeof freeze>[1], [x]);
  expect(nodes.map(({ kind }) => kind)).toEqual(["Mul", "Add", "Identity"]);
  const [mul, add] = nodes;
  expect(mul!.inputs[0]).toEqual({ argument: 0 });
  const folded = mul!.inputs[1] as { constant: { shape: number[]; values: Float32Array } };
  expect(folded.constant.shape).toEqual([2]);
  expect(folded.constant.values[0]).toBeCloseTo(Math.exp(-1), 6);
  expect(folded.constant.values[1]).toBeCloseTo(Math.exp(-2), 6);
  expect(add!.inputs).toEqual([
    { node: 0, output: 0 },
    { constant: { shape: [2], dtype: 1, values: Float32Array.of(1, 2) } },
  ]);
  expect(results).toEqual([{ node: 2, output: 0 }]);
  expect(mul!.outputs).toEqual([{ shape: [2], dtype: 1 }]);
  // NodeDef.attr: the type of the product
  expect(String(mul!.definitions[0])).toContain("T");
  tf.dispose([w, x]);
});

test("a frozen graph has the values that variables have at the call", () => {
  const w = tf.variable(tf.scalar(1));
  const x = tf.scalar(2);
  const constantOf = () => {
    const product = (x: tf.Tensor) => tf.mul(x, w);
    const { nodes } = freeze("product", product as Parameters<typeof freeze>[1], [x]);
    return (nodes[0]!.inputs[1] as { constant: { values: Float32Array } }).constant.values[0];
  };
  expect(constantOf()).toBe(1);
  w.assign(tf.scalar(5));
  expect(constantOf()).toBe(5);
  tf.dispose([w, x]);
});
