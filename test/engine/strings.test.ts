import { expect, test } from "vitest";
import { compile, tf } from "../../lib/engine";
import { binding, idOf } from "../../lib/engine/backend";
import { TF } from "../../lib/engine/dtypes";
import "./nothing-left";

/** Passes strings through an op and back: tfjs keeps values in JavaScript until an op needs them. */
function throughTensorFlow(strings: string[]): string[] {
  const column = tf.reshape(tf.tensor1d(strings, "string"), [strings.length, 1]);
  return Array.from(column.dataSync<"string">());
}

test("returns strings of any length unchanged: empty, up to TF_TString's inline 22 bytes, long", () => {
  const lengths = [0, 1, 21, 22, 23, 24, 25, 1000, 100_000];
  const strings = lengths.map((length) => "abcdefghij".repeat(10_000).slice(0, length));
  expect(throughTensorFlow(strings)).toEqual(strings);
});

test("returns Unicode, and a zero character within a string", () => {
  const strings = ["Ωμέγα", "視覚野", "🧠 of a 🐒", "a\0b"];
  expect(throughTensorFlow(strings)).toEqual(strings);
});

test("returns ten thousand strings", () => {
  const strings = Array.from({ length: 10_000 }, (_, i) => `neuron ${i} of a population of ten thousand`);
  expect(throughTensorFlow(strings)).toEqual(strings);
});

test("returns an empty tensor of strings", () => {
  const none = tf.reshape(tf.tensor2d([], [0, 3], "string"), [3, 0]);
  expect(Array.from(none.dataSync())).toEqual([]);
});

test("keeps bytes that are not UTF-8 unchanged", () => {
  const id = binding.createTensor([1], TF.STRING, [Uint8Array.of(0, 255, 128)]);
  expect(binding.tensorDataSync(id)).toEqual([Uint8Array.of(0, 255, 128)]);
  binding.deleteTensor(id);
});

test("runs ops on strings: concat, slice, tile, equal", () => {
  const a = tf.tensor1d(["one", "two"], "string");
  const b = tf.tensor1d(["three", "a string that does not fit into 22 bytes"], "string");
  const all = tf.concat([a, b]);
  expect(Array.from(all.dataSync<"string">())).toEqual([
    "one",
    "two",
    "three",
    "a string that does not fit into 22 bytes",
  ]);
  expect(Array.from(tf.slice(all, 1, 2).dataSync<"string">())).toEqual(["two", "three"]);
  const repeated = tf.tile(b, [2]);
  expect(Array.from(repeated.dataSync<"string">())).toEqual([
    "three",
    "a string that does not fit into 22 bytes",
    "three",
    "a string that does not fit into 22 bytes",
  ]);
  expect(Array.from(tf.equal(a, tf.tensor1d(["one", "three"], "string")).dataSync())).toEqual([1, 0]);
});

test("keeps a result's strings when its source is disposed", () => {
  const source = tf.tensor1d(["short", "and one that TensorFlow keeps elsewhere, by a pointer"], "string");
  const shared = tf.reshape(source, [2, 1]);
  source.dispose();
  expect(Array.from(shared.dataSync<"string">())).toEqual([
    "short",
    "and one that TensorFlow keeps elsewhere, by a pointer",
  ]);
});

test("passes strings to a compiled function as arguments, captured tensors and constants", async () => {
  const outside = tf.tensor1d(["from outside, in more than twenty-two bytes"], "string");
  idOf(outside);
  const join = compile((x: tf.Tensor1D) => {
    const constant = tf.tensor1d(["a constant, also in more than twenty-two bytes", "x"], "string");
    return { all: tf.concat([x, outside, constant]), same: tf.equal(x, constant) };
  });
  for (const first of ["an argument", "another argument, of another length"]) {
    const { all, same } = await join(tf.tensor1d([first, "x"], "string"));
    expect(Array.from(all.dataSync<"string">())).toEqual([
      first,
      "x",
      "from outside, in more than twenty-two bytes",
      "a constant, also in more than twenty-two bytes",
      "x",
    ]);
    expect(Array.from(same.dataSync())).toEqual([0, 1]);
    tf.dispose([all, same]);
  }
  join.dispose();
});

test("frees the memory of strings with their tensor", () => {
  const megabyte = Buffer.alloc(1 << 20, "s");
  const round = () => {
    const id = binding.createTensor([4], TF.STRING, [megabyte, megabyte, megabyte, megabyte]);
    const [reshaped] = binding.executeOp("Identity", [], [id], 1);
    binding.deleteTensor(id);
    binding.deleteTensor(reshaped!.id);
  };
  for (let i = 0; i < 5; i++) round();
  const start = process.memoryUsage.rss();
  for (let i = 0; i < 50; i++) round();
  expect((process.memoryUsage.rss() - start) / 2 ** 20, "MiB kept of 200").toBeLessThan(40);
});

test("explains correct usage in its errors", () => {
  expect(() => binding.createTensor([2], TF.STRING, [Buffer.from("a")])).toThrow(
    "A string tensor with 2 elements was given 1 strings.",
  );
  expect(() => binding.createTensor([1], TF.STRING, ["a"])).toThrow(
    "String 0 of a tensor came as a string, not as the bytes of its UTF-8 (a Uint8Array).",
  );
  expect(() => tf.tensor1d(["a"], "string").add(1)).toThrow();
});
