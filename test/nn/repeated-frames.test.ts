import { expect, test } from "vitest";
import { conv3d, tf } from "../../lib/engine";
import { convRepeated, tapsSaved } from "../../lib/nn/conv/convolution";

/*
 * A convolution of frames whose first one is repeated: values and gradients must equal those of the convolution of the
 * repeated frames, which is computed here explicitly.
 */

type Triple = [number, number, number];
interface Case {
  frames: number;
  taps: number;
  past: number;
  strides?: Triple;
  dilations?: Triple;
}

const CASES: Case[] = [
  { frames: 4, taps: 3, past: 2 },
  { frames: 3, taps: 3, past: 2 },
  { frames: 2, taps: 2, past: 1 },
  { frames: 5, taps: 5, past: 4 },
  // In these cases no taps are added up beforehand.
  { frames: 2, taps: 3, past: 2 },
  { frames: 60, taps: 2, past: 1 },
  { frames: 4, taps: 1, past: 2 },
  { frames: 4, taps: 3, past: 0 },
  { frames: 5, taps: 2, past: 2, dilations: [2, 1, 1] },
  { frames: 5, taps: 3, past: 2, strides: [2, 1, 1] },
];

test.each(CASES)("$frames frames, $taps taps, $past repeats", ({ frames, taps, past, ...how }) => {
  const x = tf.randomNormal<tf.Rank.R5>([2, frames, 5, 4, 3], 0, 1, "float32", 3);
  const filters = tf.randomNormal<tf.Rank.R5>([taps, 3, 2, 3, 4], 0, 1, "float32", 5);
  const expected = (x: tf.Tensor5D, filters: tf.Tensor5D) => {
    const first = tf.slice(x, 0, [2, 1, 5, 4, 3]);
    return conv3d(tf.concat([...Array<tf.Tensor5D>(past).fill(first), x], 1), filters, how);
  };
  const found = (x: tf.Tensor5D, filters: tf.Tensor5D) => convRepeated(x, filters, past, how);
  const all = (of: typeof found) => {
    const y = of(x, filters);
    const weights = tf.reshape(tf.linspace(-1, 2, y.size), y.shape);
    const weighed = (x: tf.Tensor, filters: tf.Tensor) =>
      tf.sum(tf.mul(of(x as tf.Tensor5D, filters as tf.Tensor5D), weights));
    return [y, ...tf.grads(weighed)([x, filters])].map((each) => [each.shape, each.dataSync()] as const);
  };
  for (const [i, [shape, values]] of all(found).entries()) {
    const [wanted, numbers] = all(expected)[i]!;
    expect(shape).toEqual(wanted);
    const scale = Math.max(...numbers.map(Math.abs));
    expect(Math.max(...values.map((value, j) => Math.abs(value - numbers[j]!))) / scale).toBeLessThan(2e-6);
  }
});

test("a causal kernel of three taps on four frames takes nine products instead of twelve", () => {
  const plain = { stride: 1, dilation: 1 };
  expect(tapsSaved({ past: 2, frames: 4, taps: 3, ...plain })).toBe(3);
  expect(tapsSaved({ past: 2, frames: 4, taps: 3, stride: 2, dilation: 1 })).toBe(0);
  expect(tapsSaved({ past: 2, frames: 30, taps: 3, ...plain })).toBe(0);
});
