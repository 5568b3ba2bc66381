import { expect, test } from "vitest";
import { compile, memory, tf } from "../../lib/engine";
import { groupedDots, groupedMatMul } from "../../lib/engine/grouped";

/** Four groups: one of them has no samples, another no units. */
const SIZES = [2, 0, 2, 1];
const UNITS = [3, 5, 4, 0];
const MOST = 5;
const [SAMPLES, PIXELS, CHANNELS] = [5, 6, 32];

const random = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 1, "float32", seed);
const groupOf = SIZES.flatMap((n, g) => Array<number>(n).fill(g));

/** Returns the value and the gradients of `sum(f(x) * cotangent)`; 0 by an input that f does not use. */
function valueAndGradients(f: (...x: tf.Tensor[]) => tf.Tensor, inputs: tf.Tensor[], cotangent: tf.Tensor) {
  const objective = (...x: tf.Tensor[]) => {
    const unused = x.map((each) => tf.mul(tf.sum(each), 0));
    return tf.addN([tf.sum(tf.mul(f(...x), cotangent)), ...unused]) as tf.Scalar;
  };
  return [f(...inputs), ...tf.valueAndGrads(objective)(inputs).grads];
}

async function expectEqual(
  f: (...x: tf.Tensor[]) => tf.Tensor,
  reference: typeof f,
  inputs: tf.Tensor[],
  shape: number[],
) {
  const cotangent = random(shape, 9);
  const expected = tf.tidy(() => valueAndGradients(reference, inputs, cotangent));
  // The first call uploads the inputs.
  tf.tidy(() => f(...inputs));
  const before = memory().tensors;
  for (const compiled of [false, true]) {
    const step = compile((...x: tf.Tensor[]) => valueAndGradients(f, x, cotangent), { compile: compiled });
    const found = (await step(...inputs)) as tf.Tensor[];
    found.forEach((tensor, i) => {
      expect(tensor.shape).toEqual(expected[i]!.shape);
      const off = tf.tidy(() => tf.max(tf.abs(tf.sub(tensor, expected[i]!))).dataSync()[0]!);
      expect(off, `${compiled ? "compiled" : "op by op"}, result ${i}`).toBeLessThan(1e-4);
    });
    tf.dispose(found);
    step.dispose();
  }
  expect(memory().tensors).toBe(before);
  tf.dispose([expected, cotangent]);
}

test("multiplies the rows of each group with the group's matrix, and adds zeros up to the largest one", async () => {
  const sizes = tf.tensor1d(SIZES, "int32");
  const inputs = [random([SAMPLES, CHANNELS], 1), ...UNITS.map((n, g) => random([CHANNELS, n], 2 + g))];
  await expectEqual(
    (x, ...w) => groupedMatMul(x as tf.Tensor2D, w as tf.Tensor2D[], sizes),
    (x, ...w) => {
      const padded = w.map((each) => tf.pad(each as tf.Tensor2D, [[0, 0], [0, MOST - each.shape[1]!]])); // biome-ignore format: pairs
      const rows = tf.split(x, SAMPLES).map((row, b) => tf.matMul(row as tf.Tensor2D, padded[groupOf[b]!]!));
      return tf.concat(rows);
    },
    inputs,
    [SAMPLES, MOST],
  );
  tf.dispose([sizes, ...inputs]);
});

test("computes the dot products of chosen pixels with the features of each group's units", async () => {
  const sizes = tf.tensor1d(SIZES, "int32");
  const pixels = tf.randomUniform([SAMPLES, 4, MOST], 0, PIXELS, "int32", 7) as tf.Tensor3D;
  const inputs = [
    random([SAMPLES, PIXELS, CHANNELS], 1),
    ...UNITS.map((n, g) => random([n, CHANNELS], 2 + g)),
  ];
  await expectEqual(
    (x, ...f) => groupedDots(x as tf.Tensor3D, pixels, f as tf.Tensor2D[], sizes),
    (x, ...f) => {
      const padded = f.map((each) => tf.pad(each as tf.Tensor2D, [[0, MOST - each.shape[0]!], [0, 0]])); // biome-ignore format: pairs
      const samples = tf.split(x, SAMPLES).map((image, b) => {
        const at = tf.slice(pixels, [b, 0, 0], [1, -1, -1]).reshape([4, MOST]);
        const seen = tf.gather(tf.reshape(image, [PIXELS, CHANNELS]), at as tf.Tensor2D);
        return tf.sum(tf.mul(seen, padded[groupOf[b]!]!), 2);
      });
      return tf.stack(samples);
    },
    inputs,
    [SAMPLES, 4, MOST],
  );
  tf.dispose([sizes, pixels, ...inputs]);
});
