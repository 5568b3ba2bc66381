import { expect, test } from "vitest";
import { tf } from "../../lib/engine";
import * as engine from "../../lib/engine/grouped";
import * as web from "../../web/engine/grouped";

const [SAMPLES, PIXELS, CHANNELS, UNITS, CORNERS] = [3, 6, 5, 7, 4];
const random = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 1, "float32", seed);
const sizes = tf.tensor1d([SAMPLES], "int32");

/** Compares two products of one group: shapes, and values within 1e-5. */
function expectEqual(found: tf.Tensor, expected: tf.Tensor): void {
  expect(found.shape).toEqual(expected.shape);
  expect(tf.max(tf.abs(tf.sub(found, expected))).dataSync()[0]).toBeLessThan(1e-5);
}

test("the page multiplies the rows of one group as the engine does", () => {
  const x = random([SAMPLES, CHANNELS], 1) as tf.Tensor2D;
  const weights = [random([CHANNELS, UNITS], 2) as tf.Tensor2D];
  expectEqual(web.groupedMatMul(x, weights), engine.groupedMatMul(x, weights, sizes));
});

test("the page reads chosen pixels with the features of units as the engine does", () => {
  const image = random([SAMPLES, PIXELS, CHANNELS], 3) as tf.Tensor3D;
  const pixels = tf.randomUniform([SAMPLES, CORNERS, UNITS], 0, PIXELS, "int32", 4) as tf.Tensor3D;
  const features = [random([UNITS, CHANNELS], 5) as tf.Tensor2D];
  expectEqual(web.groupedDots(image, pixels, features), engine.groupedDots(image, pixels, features, sizes));
});
