import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { tf } from "../../lib/engine";
import { exportTorch } from "../../lib/export";
import { writeSafetensors } from "../../lib/trainer/checkpoint/safetensors";
import { torchPython } from "../lab/lab";
import { newFolder } from "../new-folder";
import { testPython } from "../python/python";
import { arrayOf, expectedRates, inputsFor, MODELS, SAMPLES } from "./models";

const dir = newFolder();
const folderOf = (name: string) => join(dir, name);

/** Writes a model, its inputs in PyTorch's layout, and the rates of each session's units for inputs of that session. */
function exportWithRates(name: string, make: (typeof MODELS)[string]): void {
  const twin = make();
  exportTorch(twin, folderOf(name));
  tf.tidy(() => {
    const inputs = inputsFor(twin.model);
    const { units } = twin.model.input;
    const tensors = new Map(
      [...inputs].map(([key, tensor]) => [
        key,
        arrayOf(key === "stim" ? tf.transpose(tensor, [0, 4, 1, 2, 3]) : tensor),
      ]),
    );
    units.forEach((n, session) => {
      const first = units.slice(0, session).reduce((a, b) => a + b, 0);
      const rates = expectedRates(twin, inputs, session);
      tensors.set(`rates.${session}`, arrayOf(tf.slice(rates, [0, first], [SAMPLES, n])));
    });
    writeSafetensors(join(folderOf(name), "inputs.safetensors"), { tensors, metadata: {} });
  });
  twin.dispose();
}

/**
 * Prints the largest difference of each model's rates, for each session alone and for all sessions together. Rates above 1 are compared in
 * units of the largest rate, because float32 has a relative accuracy.
 */
const COMPARE = `
import importlib.util, json, sys
from pathlib import Path
import torch
largest = {}
for name in sys.argv[2:]:
    folder = Path(sys.argv[1]) / name
    spec = importlib.util.spec_from_file_location("model", folder / "model.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    model = module.load()
    inputs = module.read_safetensors(folder / "inputs.safetensors")
    wanted = [inputs.pop(f"rates.{s}") for s in range(len(module.SESSIONS))]
    units = list(module.SESSIONS.values())
    with torch.no_grad():
        together = model(**inputs).split(units, dim=1)
        differences = [(a - b).abs().max() for a, b in zip(together, wanted)]
        for s, session in enumerate(module.SESSIONS):
            own = dict(inputs)
            if "history" in own:
                own["history"] = own["history"].split(units, dim=2)[s]
            for chosen in (session, s):
                differences.append((model(**own, session=chosen) - wanted[s]).abs().max())
    scale = max(1.0, *(float(rates.max()) for rates in wanted))
    largest[name] = max(float(d) for d in differences) / scale
print(json.dumps(largest))
`;

beforeAll(() => {
  for (const [name, make] of Object.entries(MODELS)) exportWithRates(name, make);
}, 600_000);

test("writes Python files that compile", () => {
  const files = Object.keys(MODELS).map((name) => join(folderOf(name), "model.py"));
  execFileSync(testPython, ["-W", "error", "-m", "py_compile", ...files]);
});

test("writes one readable file for the quick start's model", async () => {
  const python = readFileSync(join(folderOf("quickstart"), "model.py"), "utf8");
  await expect(python).toMatchFileSnapshot("quickstart.py");
});

describe.skipIf(!torchPython)("with PyTorch", () => {
  let largest: Record<string, number>;
  beforeAll(() => {
    const printed = execFileSync(torchPython!, ["-c", COMPARE, dir, ...Object.keys(MODELS)], {
      encoding: "utf8",
    });
    largest = JSON.parse(printed) as Record<string, number>;
  }, 600_000);

  test.each(Object.keys(MODELS))("computes the same rates: %s", (name) => {
    expect(largest[name]).toBeLessThan(1e-5);
  });
});
