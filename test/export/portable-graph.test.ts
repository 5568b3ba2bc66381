import { expect, test } from "vitest";
import { ConfigError } from "../../lib/base/config";
import { rangeErrorsAs } from "../../lib/base/config/errors";
import { tf } from "../../lib/engine";
import { freeze } from "../../lib/engine/frozen-graph";
import { BATCHES, portable } from "../../lib/export/graph/combine-graphs";
import { requireSmall } from "../../lib/export/graph/limits";
import { converted } from "../../lib/export/onnx/export-onnx";

/** The error of a model in the file `first`. */
const problem = (message: string) => new ConfigError("first", [{ path: "model", message }]);

const INPUTS = [{ name: "x", sample: [2], dtype: 1 }];

/** Makes the graph of a function of `x` `[batch, 2]` for batches of any size. */
function graphOf(body: (x: tf.Tensor2D) => tf.Tensor) {
  const graphs = BATCHES.map((size) => {
    const x = tf.zeros([size, 2]);
    const graph = freeze("f", body as Parameters<typeof freeze>[1], [x]);
    x.dispose();
    return graph;
  });
  return portable(graphs, INPUTS);
}

/** Returns the constants of a graph that depend on the batch size. */
const varying = (body: (x: tf.Tensor2D) => tf.Tensor) =>
  [...graphOf(body).constants.values()].filter(({ kind }) => kind !== "fixed");

test("finds shapes that grow with the batch", () => {
  const shape = varying((x) => tf.reshape(x, [2 * x.shape[0], 1]));
  expect(shape).toEqual([
    {
      kind: "sizes",
      shape: [2],
      dtype: 3,
      values: [
        { base: 0, perSample: 2 },
        { base: 1, perSample: 0 },
      ],
    },
  ]);
});

test("finds constants of equal values, and rows at equal distances", () => {
  const [batch, one] = [
    { base: 0, perSample: 1 },
    { base: 1, perSample: 0 },
  ];
  expect(varying((x) => tf.add(x, tf.fill([x.shape[0], 1], 3)))).toEqual([
    { kind: "filled", shape: [batch, one], dtype: 1, value: 3 },
  ]);
  expect(varying((x) => tf.add(x, tf.expandDims(tf.range(0, 4 * x.shape[0], 4), 1)))).toEqual([
    { kind: "rows", count: batch, shape: [1], dtype: 1, first: [0], step: 4 },
  ]);
});

test("tells constants apart that are equal at one batch size", () => {
  const { constants } = graphOf((x) => tf.reshape(tf.reshape(x, [2, x.shape[0]]), [x.shape[0], 2]));
  expect([...constants.values()]).toHaveLength(2);
});

test("refuses constants that depend on the batch size in another way", () => {
  const make = () => graphOf((x) => tf.mul(x, x.shape[0] ** 2));
  expect(() => rangeErrorsAs("first", "model", make)).toThrow(
    problem(
      "depends on the batch size in a way that cannot be exported (Mul); the shapes of its tensors must grow by the same amount with each sample",
    ),
  );
});

test("names an operation that ONNX lacks here", () => {
  const graph = graphOf((x) => tf.cumsum(x, 1));
  expect(() => rangeErrorsAs("first", "model", () => converted(graph))).toThrow(
    problem(
      "computes Cumsum of TensorFlow, which cannot be exported to ONNX: it has no counterpart here; use --to saved-model",
    ),
  );
});

test("refuses weights that do not fit into one file", () => {
  const values = new Uint8Array(2 ** 28);
  const constants = new Map(
    Array.from({ length: 9 }, (_, i) => [
      `constant_${i}`,
      { kind: "fixed" as const, shape: [values.length], dtype: 4, values },
    ]),
  );
  const graph = { inputs: [], nodes: [], constants, result: { name: "constant_0", output: 0 } };
  expect(() => requireSmall(graph, "first", "an ONNX file")).toThrow(
    problem("has weights of 2.4 GB, but an ONNX file holds at most 2 GB; export with --to torch"),
  );
});
