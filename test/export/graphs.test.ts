import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { ConfigError } from "../../lib/base/config";
import { tf } from "../../lib/engine";
import { exportOnnx, exportSavedModel, exportTorch, exportWeb } from "../../lib/export";
import { writeSafetensors } from "../../lib/trainer/checkpoint/safetensors";
import { newFolder } from "../new-folder";
import { testPython } from "../python/python";
import { arrayOf, expectedRates, inputsFor, MODELS } from "./models";
import { loadSavedModel } from "./saved-model";

const dir = newFolder();
const names = Object.keys(MODELS);

/** Prints the largest difference of each model's rates for batches of several sizes, in units of the largest rate if it is above 1. */
const COMPARE = `
import json, sys
import numpy as np
import onnxruntime
from safetensors.numpy import load_file
largest = {}
for name in sys.argv[2:]:
    arrays = load_file(f"{sys.argv[1]}/{name}/inputs.safetensors")
    model = onnxruntime.InferenceSession(f"{sys.argv[1]}/{name}/twin.onnx", providers=["CPUExecutionProvider"])
    largest[name] = 0
    for session in (0, 1):
        wanted = arrays[f"rates.{session}"]
        arrays["session"] = np.full(len(wanted), session, np.int32)
        for rows in ([0, 1, 2], [1], [2, 1, 0, 2, 1, 0, 0]):
            rates, = model.run(["rates"], {i.name: arrays[i.name][rows] for i in model.get_inputs()})
            assert rates.shape == wanted[rows].shape
            largest[name] = max(largest[name], float(np.abs(rates - wanted[rows]).max() / max(1, wanted.max())))
print(json.dumps(largest))
`;

describe("exportOnnx and exportSavedModel", () => {
  let onnx: Record<string, number>;
  const saved: Record<string, number> = {};

  beforeAll(() => {
    for (const [name, make] of Object.entries(MODELS)) {
      const [twin, folder] = [make(), join(dir, name)];
      exportOnnx(twin, join(folder, "twin.onnx"));
      exportSavedModel(twin, folder);
      tf.tidy(() => {
        const inputs = inputsFor(twin.model);
        const rates = twin.model.input.units.map((_, session) => expectedRates(twin, inputs, session));
        saved[name] = largestOf(folder, inputs, rates);
        const tensors = new Map([
          ...[...inputs].map(([key, tensor]) => [key, arrayOf(tensor)] as const),
          ...rates.map((each, session) => [`rates.${session}`, arrayOf(each)] as const),
        ]);
        writeSafetensors(join(folder, "inputs.safetensors"), { tensors, metadata: {} });
      });
      twin.dispose();
    }
    const printed = execFileSync(testPython, ["-I", "-c", COMPARE, dir, ...names], { encoding: "utf8" });
    onnx = JSON.parse(printed) as Record<string, number>;
  }, 600_000);

  test.each(names)("ONNX Runtime computes the same rates for batches of any size: %s", (name) => {
    expect(onnx[name]).toBeLessThan(1e-5);
  });

  test.each(names)("TensorFlow computes the same rates from the SavedModel: %s", (name) => {
    expect(saved[name]).toBeLessThan(1e-5);
  });
});

test("a graph holds the ablation of a twin, which a package for PyTorch and a page refuse", async () => {
  const twin = MODELS.quickstart!();
  const ablated = twin.ablated("convnet");
  const folder = join(dir, "ablated");
  exportSavedModel(ablated, folder);
  const model = loadSavedModel(folder);
  tf.tidy(() => {
    const inputs = inputsFor(twin.model);
    const batch = { stim: inputs.get("stim") as tf.Tensor5D };
    const [fromWhole, fromAblated] = [twin, ablated].map(({ tap }) => {
      const rates = twin.model.forward(batch, { training: false }, tap);
      return tf.max(tf.abs(tf.sub(model.run(inputs), rates))).dataSync()[0]!;
    });
    expect(fromAblated).toBeLessThan(1e-5);
    expect(fromWhole).toBeGreaterThan(1e-3);
  });
  model.close();
  const refusal = (path: string, at: string, format: string) =>
    new ConfigError(path, [
      {
        path: at,
        message: `has stages that were changed (ablated), which ${format} cannot hold; export its graph with exportOnnx or exportSavedModel`,
      },
    ]);
  expect(() => exportTorch(ablated, folder)).toThrow(refusal("model", "", "a package for PyTorch"));
  await expect(exportWeb(ablated, folder)).rejects.toThrow(refusal(ablated.path, "model", "a page"));
  twin.dispose();
});

/** Returns the largest difference of the rates of a SavedModel for two batch sizes, in units of the largest rate if it is above 1. */
function largestOf(
  folder: string,
  inputs: ReadonlyMap<string, tf.Tensor>,
  rates: readonly tf.Tensor2D[],
): number {
  const model = loadSavedModel(folder);
  try {
    const differences = rates.flatMap((wanted, session) =>
      [wanted.shape[0], 1].map((rows) => {
        const first = <T extends tf.Tensor>(x: T) => tf.slice(x, 0, [rows]) as T;
        const given = new Map([...inputs].map(([name, tensor]) => [name, first(tensor)]));
        given.set("session", tf.fill([rows], session, "int32"));
        const scale = Math.max(1, tf.max(wanted).dataSync()[0]!);
        return tf.max(tf.abs(tf.sub(model.run(given), first(wanted)))).dataSync()[0]! / scale;
      }),
    );
    return Math.max(...differences);
  } finally {
    model.close();
  }
}
