import { existsSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { gratingTuning, mostExcitingInputs, observe } from "../../lib/insilico";
import { readCheckpoint } from "../../lib/trainer/checkpoint/checkpoint";
import { readSafetensors } from "../../lib/trainer/checkpoint/safetensors";
import { importTorch } from "../../lib/twin/import-torch";
import { loadTwin } from "../../lib/twin/load-twin";
import { labCheckpoint, largestDifference, visionModel } from "./lab";
import { labProject, runProgram } from "./project";

const MODEL = visionModel ?? "none";
const CHECKPOINT = labCheckpoint(MODEL);
const STEPS = 2;
/** So small that two steps do not change a weight by more than a rounding error. */
const FLAGS = ["--learning_rate", "1e-9", "--weight_decay", "0", "--steps_per_epoch", String(STEPS)];

let folder: string;
beforeAll(async () => {
  folder = await labProject();
}, 600_000);

/** Trains for some epochs with the package's program, and returns the path of its last checkpoint. */
function trained(name: string, epochs: number, flags: readonly string[]): string {
  const files = [
    "--model_config",
    join(folder, "configs", `${MODEL}.yaml`),
    "--dataset_configs_path",
    join(folder, "configs", "sessions.yaml"),
    "--checkpoint_dir",
    folder,
  ];
  const size = ["--batch_size", "6", "--limit_val_batches", "1", "--num_gpus", "1", "--precision", "32"];
  const run = ["--experiment_name", name, "--max_epochs", String(epochs)];
  const { status, stderr } = runProgram(folder, "train-ddp-multidataset", [
    ...files,
    ...run,
    ...size,
    ...FLAGS,
    ...flags,
  ]);
  expect({ status, stderr }).toMatchObject({ status: 0 });
  return join(folder, name, "checkpoints", "last.safetensors");
}

/** Returns the checkpoint as `import-torch` converts it for the model's file. */
function imported() {
  const out = join(folder, "converted.safetensors");
  importTorch({ weights: CHECKPOINT, config: join(folder, "configs", `${MODEL}.yaml`), out });
  return { state: readCheckpoint(out).state, tensors: readSafetensors(out).tensors };
}

describe.runIf(existsSync(CHECKPOINT))("a Lightning checkpoint", () => {
  test("is resumed with its weights, its epoch and step, and the state of AdamW", () => {
    const before = imported();
    const path = trained("resumed", before.state.epoch + 1, ["--ckpt_path", CHECKPOINT]);
    const after = readSafetensors(path).tensors;
    const { epoch, step } = readCheckpoint(path).state;
    expect({ epoch, step }).toEqual({ epoch: before.state.epoch + 1, step: before.state.step + STEPS });
    const names = [...before.tensors.keys()].filter((name) => !name.startsWith("optimizer."));
    expect(names.length).toBeGreaterThan(20);
    for (const name of names)
      expect(largestDifference(after.get(name)!.values, before.tensors.get(name)!.values), name).toBeLessThan(
        1e-6,
      );
    const steps = (tensors: typeof after) => Math.max(...tensors.get("optimizer.step")!.values);
    expect(steps(before.tensors)).toBeGreaterThan(0);
    expect(steps(after)).toBe(steps(before.tensors) + STEPS);
  }, 120_000);

  test("is a twin when it has been resumed on its sessions, but not before", async () => {
    imported();
    await expect(loadTwin(join(folder, "converted.safetensors"))).rejects.toThrow(
      "is not the checkpoint of a twin: it holds a model without its sessions, as gradbook import-torch writes it; continue its training on the sessions (gradbook train --ckpt_path), and load the run",
    );
    const twin = await loadTwin(join(folder, "resumed"));
    const observer = observe(twin);
    const tuning = await gratingTuning(observer, { directions: 4, phases: 4 });
    const [input] = await mostExcitingInputs(observer, { steps: 2, seeds: 1 });
    expect(tuning.map(({ unit }) => unit)).toEqual(observer.units);
    expect([...tuning.map(({ peak }) => peak), ...input!.rates].every(Number.isFinite)).toBe(true);
    twin.dispose();
  }, 120_000);

  test("gives a pretrained training its adapters, frontend and convnet, and nothing else", () => {
    const before = imported();
    const after = readSafetensors(trained("tuned", 1, ["--pretrained_checkpoint", CHECKPOINT])).tensors;
    const same = (prefix: string) =>
      [...before.tensors]
        .filter(([name]) => name.startsWith(prefix) && /weight|scale|sigma/.test(name))
        .map(([name, { values }]) => largestDifference(after.get(name)!.values, values) < 1e-6);
    expect(same("convnet.").length).toBeGreaterThan(3);
    expect(new Set(["convnet.", "frontend.", "adapters."].flatMap(same))).toEqual(new Set([true]));
    expect(new Set(same("readouts."))).not.toContain(true);
  }, 120_000);
});
