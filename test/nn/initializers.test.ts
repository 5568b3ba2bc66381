import { expect, test } from "vitest";
import { Random } from "../../lib/base/random";
import { normal, orthogonal, uniformByFanIn } from "../../lib/nn/initializers";
import { isDecayed } from "../../lib/nn/parameter";

const random = () => new Random(7, "layer");

test("numbers depend on seed and name alone, and equal the recorded ones", () => {
  const first = (seed: number, name: string) => new Random(seed, name).uniform();
  expect(first(7, "layer")).toBe(first(7, "layer"));
  expect(new Set([first(7, "layer"), first(8, "layer"), first(7, "layer2")]).size).toBe(3);
  // Checkpoints and published figures depend on these: a change here changes every model.
  expect(new Random(0, "frontend").uniform()).toBe(0.7379932042676955);
});

test("uniform numbers stay within 1/√fanIn, and normal ones have the right standard deviation", () => {
  const uniform = uniformByFanIn(25)([4000], random());
  expect(Math.max(...uniform.map(Math.abs))).toBeLessThanOrEqual(0.2);
  expect(uniform.reduce((sum, x) => sum + x * x, 0) / 4000).toBeCloseTo(0.04 / 3, 3);
  const gaussian = normal(2)([4000], random());
  expect(Math.abs(gaussian.reduce((a, b) => a + b, 0) / 4000)).toBeLessThan(0.1);
  expect(Math.sqrt(gaussian.reduce((sum, x) => sum + x * x, 0) / 4000)).toBeCloseTo(2, 1);
});

test.each([[[3, 3, 5, 8]], [[1, 1, 2, 6]]])(
  "filters, or rows, of an orthogonal kernel %j are orthonormal",
  (shape) => {
    const values = orthogonal(shape, random());
    const columns = shape.at(-1)!;
    const rows = values.length / columns;
    const at = (row: number, column: number) => values[row * columns + column]!;
    const tall = rows >= columns;
    const [vectors, length] = tall ? [columns, rows] : [rows, columns];
    for (let a = 0; a < vectors; a++)
      for (let b = 0; b < vectors; b++) {
        let dot = 0;
        for (let i = 0; i < length; i++) dot += tall ? at(i, a) * at(i, b) : at(a, i) * at(b, i);
        expect(dot).toBeCloseTo(a === b ? 1 : 0, 5);
      }
  },
);

test("weight decay applies to kernels and dense weights only", () => {
  expect(isDecayed("convnet.layers.0.main.conv.weight", [3, 3, 3, 2, 4])).toBe(true);
  expect(isDecayed("recurrent.rnn.weight_ih_l0", [4, 9])).toBe(true);
  expect(isDecayed("convnet.stem.conv.weight_v", [3, 3, 3, 2, 4])).toBe(false);
  expect(isDecayed("readouts.0.mean", [4, 2])).toBe(false);
  expect(isDecayed("readouts.0.bias", [4])).toBe(false);
});
