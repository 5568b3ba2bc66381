import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { exportLightning } from "../../lib/twin/export-lightning";
import { importTorch } from "../../lib/twin/import-torch";
import { readTorchCheckpoint } from "../../lib/twin/torch-checkpoint";
import { newFolder } from "../new-folder";
import { labCheckpoint, labModels, torchPython } from "./lab";

const LOAD = `
import sys, torch
ours, theirs = [torch.load(path, weights_only=True) for path in sys.argv[1:]]
assert list(ours["hyper_parameters"]) == list(theirs["hyper_parameters"])
ours, theirs = ours["state_dict"], theirs["state_dict"]
assert set(ours) == set(theirs), set(ours) ^ set(theirs)
unused = [k for k in theirs if k.endswith(".original") and k[:-8] + "0.v" in theirs]
assert all(torch.equal(ours[k], theirs[k]) for k in theirs if k not in unused)
print(len(ours))
`;

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
      exportLightning({ checkpoint: ours, out: back });
      const [found, wanted] = [back, labCheckpoint(name)].map(readTorchCheckpoint);
      const { tensors } = wanted!;
      expect([...found!.tensors.keys()].sort()).toEqual([...tensors.keys()].sort());
      for (const [key, { shape, values }] of tensors) {
        const array = found!.tensors.get(key)!;
        expect(array.shape, key).toEqual(shape);
        const unused = key.endsWith(".original") && tensors.has(key.replace(/original$/, "0.v"));
        if (!unused) expect(Buffer.compare(Buffer.from(array.values.buffer), Buffer.from(values.buffer)), key).toBe(0); // biome-ignore format: one line
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
