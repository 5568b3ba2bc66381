import { expect, test } from "vitest";
import { buildModel } from "../../lib/model";
import { outlinesOf } from "../../lib/model/weights";
import { small } from "./configs";

test("an outline lies one standard deviation from the centre of a rotated Gaussian", () => {
  const [height, width] = [61, 71];
  const [y0, x0, long, short, angle] = [28, 37, 6, 3, 0.6];
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const distance = (y: number, x: number) => {
    const [dy, dx] = [y - y0, x - x0];
    return Math.hypot((dy * cos + dx * sin) / long, (dx * cos - dy * sin) / short);
  };
  const bell = Array.from({ length: height * width }, (_, p) =>
    Math.exp(-(distance(Math.floor(p / width), p % width) ** 2) / 2),
  );
  const sum = bell.reduce((a, b) => a + b, 0);
  const points = outlinesOf(
    bell.map((value) => value / sum),
    { height, width },
  );
  for (const [[y, x]] of points as [[number, number]][]) expect(distance(y, x)).toBeCloseTo(1, 3);
  expect(points.at(-1)![0]![0]).toBeCloseTo(points[0]![0]![0], 9);
});

test("spatial kernels include window and weight norm", () => {
  const conv_params = { type: "standard", kernel_size: [1, 5, 5], aa_signal: true, use_weight_norm: true };
  const convnet = {
    type: "resnet",
    params: { channels: [3], block_configs: [{ conv_params, norm_type: "none" }] },
  };
  const model = buildModel(small({ convnet }), { lags: 6, height: 11, width: 11, units: [2] }, 1);
  const [kernel, ...others] = model.spatialKernels();
  expect([others.length, kernel!.name]).toEqual([0, "convnet.layers.0.main.conv"]);
  const [, height, width, inputs, filters] = kernel!.shape as [number, number, number, number, number];
  const at = (values: ArrayLike<number>, y: number, x: number, i: number, o: number) =>
    values[((y * width + x) * inputs + i) * filters + o]!;
  // Hann over five taps: 0, 1/2, 1, 1/2, 0 on both axes.
  const window = [0, 0.5, 1, 0.5, 0];
  const [v, g] = ["weight_v", "weight_g"].map((leaf) => model.variable(`${kernel!.name}.${leaf}`).dataSync());
  for (let o = 0; o < filters; o++) {
    const norm = Math.sqrt(
      [...v!].reduce((sum, value, k) => sum + (k % filters === o ? value * value : 0), 0),
    );
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        expect(at(kernel!.values, y, x, 0, o)).toBeCloseTo(
          (window[y]! * window[x]! * g![o]! * at(v!, y, x, 0, o)) / norm,
          5,
        );
  }
  model.dispose();
});

test("every unit has an outline in pixels of the stimulus, around its position", () => {
  const model = buildModel(small({}), { lags: 6, height: 11, width: 11, units: [2, 1] }, 3);
  const outlines = model.readoutOutlines();
  expect(outlines.map(({ dataset }) => dataset)).toEqual([0, 0, 1]);
  model.readoutPositions().forEach(({ stimulusY, stimulusX }, unit) => {
    const { y, x } = outlines[unit]!;
    expect(Math.min(...y)).toBeLessThan(stimulusY);
    expect(Math.max(...y)).toBeGreaterThan(stimulusY);
    expect(Math.min(...x)).toBeLessThan(stimulusX);
    expect(Math.max(...x)).toBeGreaterThan(stimulusX);
  });
  model.dispose();
});
