import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readSafetensors, writeSafetensors } from "../../lib/trainer/checkpoint/safetensors";
import { checkExperiment } from "../../lib/twin/check-experiment";
import { exportLightning } from "../../lib/twin/export-lightning";
import { importTorch } from "../../lib/twin/import-torch";
import { readTorchCheckpoint, type TorchOptimizer } from "../../lib/twin/torch-checkpoint";
import { newFolder } from "../new-folder";
import { labCheckpoint, labFile, labModels, labParent, torchPython } from "./lab";

const LOAD = `
import sys, torch
ours, theirs = [torch.load(path, weights_only=True) for path in sys.argv[1:]]
assert list(ours["hyper_parameters"]) == list(theirs["hyper_parameters"])
(a,), (b,) = ours["optimizer_states"], theirs["optimizer_states"]
assert a["state"].keys() == b["state"].keys()
assert all(torch.equal(a["state"][i][k], b["state"][i][k]) for i in b["state"] for k in b["state"][i])
sizes = lambda groups: [(len(group["params"]), group["weight_decay"] > 0) for group in groups["param_groups"]]
assert sizes(a) == sizes(b) and a["param_groups"][0].keys() == b["param_groups"][0].keys()
ours, theirs = ours["state_dict"], theirs["state_dict"]
assert set(ours) == set(theirs), set(ours) ^ set(theirs)
unused = [k for k in theirs if k.endswith(".original") and k[:-8] + "0.v" in theirs]
assert all(torch.equal(ours[k], theirs[k]) for k in theirs if k not in unused)
print(len(ours))
`;

/** Writes an imported checkpoint again with its arrays in the order of a run of gradbook. */
function inOrderOfModel(path: string, model: string): void {
  const { plan } = checkExperiment({ model: path, sessions: labFile("configs", labParent(model)) });
  const { tensors, metadata } = readSafetensors(path);
  const places = new Map(plan!.weights.map(({ name }, i) => [name, i]));
  const place = (name: string) => places.get(name) ?? places.size;
  const ordered = [...tensors].sort(([a], [b]) => place(a) - place(b));
  writeSafetensors(path, { tensors: new Map(ordered), metadata });
}

function expectSameMoments(found: TorchOptimizer, wanted: TorchOptimizer): void {
  expect(found.groups.map(({ count }) => count)).toEqual(wanted.groups.map(({ count }) => count));
  expect([...found.moments.keys()]).toEqual([...wanted.moments.keys()].sort((a, b) => a - b));
  for (const [number, { step, exp_avg, exp_avg_sq }] of wanted.moments) {
    const own = found.moments.get(number)!;
    expect([own.step, own.exp_avg.shape]).toEqual([step, exp_avg.shape]);
    expect([...own.exp_avg.values]).toEqual([...exp_avg.values]);
    expect([...own.exp_avg_sq.values]).toEqual([...exp_avg_sq.values]);
  }
}

describe.each(labModels("*.ckpt"))("the checkpoint of %s", (name) => {
  test.each(["newest_first", "oldest_first"] as const)(
    "has the same names, shapes and values after import and export (%s)",
    (lagOrder) => {
      const folder = newFolder();
      const [ours, back] = ["ours.safetensors", "back.ckpt"].map((file) => join(folder, file)) as [
        string,
        string,
      ];
      importTorch({ weights: labCheckpoint(name), out: ours, lagOrder });
      inOrderOfModel(ours, name);
      exportLightning({ checkpoint: ours, out: back });
      const [found, wanted] = [back, labCheckpoint(name)].map(readTorchCheckpoint);
      const { tensors } = wanted!;
      expect([...found!.tensors.keys()].sort()).toEqual([...tensors.keys()].sort());
      expect([found!.epoch, found!.step]).toEqual([wanted!.epoch, wanted!.step]);
      expectSameMoments(found!.optimizer!, wanted!.optimizer!);
      for (const [key, { shape, values }] of tensors) {
        const array = found!.tensors.get(key)!;
        expect(array.shape, key).toEqual(shape);
        const unused = key.endsWith(".original") && tensors.has(key.replace(/original$/, "0.v"));
        if (!unused)
          expect(Buffer.compare(Buffer.from(array.values.buffer), Buffer.from(values.buffer)), key).toBe(0);
      }
      expect(found!.model).toEqual(
        wanted!.model && expect.objectContaining({ model_type: expect.any(String) }),
      );
    },
  );

  test.skipIf(!torchPython)("is loaded by torch.load after import and export", () => {
    const folder = newFolder();
    const [ours, back] = ["ours.safetensors", "back.ckpt"].map((file) => join(folder, file)) as [
      string,
      string,
    ];
    importTorch({ weights: labCheckpoint(name), out: ours });
    exportLightning({ checkpoint: ours, out: back });
    const printed = execFileSync(torchPython!, ["-c", LOAD, back, labCheckpoint(name)], { encoding: "utf8" });
    expect(Number(printed)).toBe(readTorchCheckpoint(labCheckpoint(name)).tensors.size);
  });
});
