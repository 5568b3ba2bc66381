import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Float, OrderedDict, TensorToWrite, Tuple } from "../../../lib/base/torch/pickle";
import { readTorch } from "../../../lib/base/torch/read-torch";
import type { TorchTensor } from "../../../lib/base/torch/tensor";
import { writeTorch } from "../../../lib/base/torch/write-torch";

const folder = mkdtempSync(join(tmpdir(), "gradbook-torch-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("writes files that the reader reads back", () => {
  const path = join(folder, "x.ckpt");
  const weights = new OrderedDict([
    ["a.weight", new TensorToWrite(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3])],
  ]);
  writeTorch(path, "x", {
    numbers: [0, 255, 256, 70_000, -1, 2 ** 40, -(2 ** 40), 0.5, new Float(1), -0],
    mixed: new Tuple(["é", null, true, false, undefined]),
    nested: new Map([[0, { empty: [], none: {} }]]),
    weights,
    scalar: new TensorToWrite(Float64Array.of(7), [], "float64"),
  });
  const value = readTorch(path) as Map<string, unknown>;
  expect(value.get("numbers")).toEqual([0, 255, 256, 70_000, -1, 2 ** 40, -(2 ** 40), 0.5, 1, -0]);
  expect(value.get("mixed")).toEqual(["é", null, true, false, null]);
  expect(value.get("nested")).toEqual(new Map([[0, new Map<string, unknown>([["empty", []], ["none", new Map()]])]])); // biome-ignore format: one value
  const tensor = (value.get("weights") as Map<string, TorchTensor>).get("a.weight")!;
  expect([tensor.dtype, tensor.shape, Array.from(tensor.read())]).toEqual([
    "float32",
    [2, 3],
    [1, 2, 3, 4, 5, 6],
  ]);
  const scalar = value.get("scalar") as TorchTensor;
  expect([scalar.dtype, scalar.shape, Array.from(scalar.read())]).toEqual(["float64", [], [7]]);
});

test("rejects values that the writer cannot pickle", () => {
  const write = () => writeTorch(join(folder, "y.ckpt"), "y", { at: new Date(0) });
  expect(write).toThrow(TypeError);
  expect(() => new TensorToWrite(Float32Array.of(1), [2])).toThrow(
    "1 values do not fill a float32 tensor of shape [2]",
  );
});
