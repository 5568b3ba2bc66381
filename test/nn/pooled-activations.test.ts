import { expect, test } from "vitest";
import { tf } from "../../lib/engine";
import { Chain } from "../../lib/nn";
import { activations } from "../../lib/nn/activation";
import { pools } from "../../lib/nn/pool";
import { max } from "../../lib/nn/pool/window";

/*
 * A monotonic activation is applied after max pooling: values and gradients must equal those of the order in the
 * options, which is computed here with tfjs.
 */

const SHAPE = { time: 4, height: 5, width: 6, channels: 3 };
const AT = { where: "test", path: "" };
const WINDOW = { kernel_size: [2, 2, 3], stride: [2, 1, 2], padding: [0, 1, 0] };

const split = (x: tf.Tensor5D) => tf.concat([tf.mul(tf.relu(x), 1.5), tf.relu(tf.neg(x))], -1);
const WRITTEN_OUT: Record<string, (x: tf.Tensor5D) => tf.Tensor> = {
  relu: (x) => tf.relu(x),
  sigmoid: (x) => tf.sigmoid(x),
  tanh: (x) => tf.tanh(x),
  softplus: (x) => tf.softplus(x),
  splitrelu: split,
  // These are not monotonic, and keep their position.
  square: (x) => tf.square(x),
  silu: (x) => tf.mul(x, tf.sigmoid(x)),
};

test.each(Object.keys(WRITTEN_OUT))("max pooling before %s gives the same result as after it", (type) => {
  const chain = new Chain(SHAPE);
  const options = type === "splitrelu" ? { trainable_gain: true } : {};
  chain.add("act", (shape) => activations[type]!.plan(options, AT, shape));
  chain.add("pool", (shape) => max.plan(WINDOW, AT, shape).plan);
  const plan = chain.plan();
  // The input is negative: a window of negative values is the critical case.
  const gain = tf.variable(tf.tensor1d([-1.5]));
  const x = tf.sub(tf.randomNormal<tf.Rank.R5>([2, 4, 5, 6, 3], 0, 1, "float32", 7), 0.5) as tf.Tensor5D;
  const pads: [number, number][] = [
    [0, 0],
    [0, 0],
    [1, 1],
    [0, 0],
    [0, 0],
  ];
  const expected = (x: tf.Tensor5D) => {
    const y = tf.pad(WRITTEN_OUT[type]!(x), pads, -1e30) as tf.Tensor5D;
    return tf.maxPool3d(y, [2, 2, 3], [2, 1, 2], "valid");
  };
  const found = (x: tf.Tensor5D) => plan.apply(x, () => gain, { training: true });
  expect(found(x).shape).toEqual([2, ...Object.values(plan.output)]);
  expect(Array.from(found(x).dataSync())).toEqual(Array.from(expected(x).dataSync()));
  const weighed = (y: tf.Tensor5D) => tf.sum(tf.mul(y, tf.linspace(1, 2, y.size).reshape(y.shape)));
  const gradient = (of: typeof found | typeof expected) =>
    tf.grad((x: tf.Tensor) => weighed(of(x as tf.Tensor5D)));
  const [mine, theirs] = [found, expected].map((of) => gradient(of)(x).dataSync());
  expect(Array.from(mine!, (value, i) => Math.abs(value - theirs![i]!) < 1e-5)).not.toContain(false);
});

test("a pooling other than max pooling stays after the activation", () => {
  const chain = new Chain(SHAPE);
  chain.add("act", (shape) => activations.relu!.plan({}, AT, shape));
  chain.add(
    "pool",
    (shape) => pools.avg!.plan({ kernel_size: 2 }, AT, shape, () => expect.unreachable()).plan,
  );
  const x = tf.randomNormal<tf.Rank.R5>([1, 4, 5, 6, 3], 0, 1, "float32", 7);
  const found = chain.plan().apply(x, () => expect.unreachable(), { training: true });
  const expected = tf.avgPool3d(tf.relu(x), [2, 2, 2], [2, 2, 2], "valid");
  expect(Array.from(found.dataSync())).toEqual(Array.from(expected.dataSync()));
});
