import { basename, join, resolve } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { ModelCheckpoint } from "../../lib/callbacks/model-checkpoint";
import { frozenCoreFlags, readFrozenCoreFlags } from "../../lib/cli/train/frozen-core";
import { planOf } from "../../lib/cli/train/plan";
import { readSafetensors } from "../../lib/trainer/checkpoint/safetensors";
import { bestCheckpoint } from "../../lib/trainer/checkpoint/scan";
import { Trainer } from "../../lib/trainer/trainer";
import { loadExperiment } from "../../lib/twin/experiment";
import { newFolder } from "../new-folder";

const MODEL = resolve("configs/models/quickstart.yaml");
const SESSIONS = resolve("configs/sessions/demo.yaml");
const folder = newFolder();
let best: string;

beforeAll(async () => {
  const twin = await loadExperiment({ model: MODEL, sessions: SESSIONS, maxDatasets: 1, seed: 5 });
  const callbacks = [new ModelCheckpoint({ monitor: "val_bps_overall", mode: "max" })];
  const length = { maxEpochs: 1, stepsPerEpoch: 1 };
  await new Trainer({ name: "resnet_none_none_ddp_bs64", dir: folder, ...length, callbacks }).fit(twin);
  best = bestCheckpoint(folder).path;
  twin.dispose();
});

const planned = (words: Record<string, unknown>) =>
  frozenCoreFlags(
    readFrozenCoreFlags({ dataset_configs_path: SESSIONS, ...words }),
    "gradbook train-frozencore",
  );

test("trains new readouts of all sessions, and leaves the core of the best checkpoint as it was", async () => {
  const flags = planned({ pretrained_checkpoint: folder, model_type: "resnet_none_none", seed: "1" });
  expect(flags.pretrained_checkpoint).toBe(best);
  const { trainer, experiment } = planOf({ ...flags, max_epochs: 1, steps_per_epoch: 2 }, "test");
  expect(experiment).toMatchObject({
    model: best,
    pretrained: best,
    freeze: ["frontend", "convnet", "modulator", "recurrent"],
  });
  const twin = await loadExperiment(experiment);
  expect(twin.datasets.length).toBeGreaterThan(1);
  const trained = twin.parameters.map(({ name }) => name);
  expect(trained.length).toBeGreaterThan(0);
  expect(trained.filter((name) => !name.startsWith("readouts."))).toEqual([]);
  await new Trainer({ ...trainer, dir: join(folder, "new"), limitValBatches: 0 }).fit(twin);
  const core = [...readSafetensors(best).tensors].filter(([name]) => /^(frontend|convnet)\./.test(name));
  expect(core.length).toBeGreaterThan(3);
  for (const [name, { values }] of core)
    expect([...twin.model.variable(name).dataSync()], name).toEqual([...values]);
  twin.dispose();
});

test("has the defaults of the Lightning package's script", () => {
  const at = new Date(2031, 2, 1, 13, 45, 2);
  const read = readFrozenCoreFlags({ dataset_configs_path: SESSIONS, pretrained_checkpoint: best });
  expect(frozenCoreFlags(read, "test", at)).toMatchObject({
    learning_rate: 1e-3,
    lr_scheduler: "cosine_warmup",
    precision: "bf16-mixed",
    dset_dtype: "bfloat16",
    early_stopping_patience: 20,
    core_lr_scale: 1,
    experiment_name: `frozencore_${basename(best, ".safetensors")}-20310301-134502`,
  });
});

test("reports missing flags, and the kinds of models in a folder", () => {
  const refused = (words: Record<string, unknown>) => {
    try {
      planned(words);
    } catch (error) {
      return (error as Error).message;
    }
  };
  expect(refused({})).toBe(
    "gradbook train-frozencore: pretrained_checkpoint: missing: the checkpoint with the core, or a folder of runs",
  );
  expect(refused({ pretrained_checkpoint: folder })).toBe(
    `gradbook train-frozencore: model_type: missing: the kind of model to take from ${folder}; \`gradbook list ${folder}\` shows them`,
  );
  expect(refused({ pretrained_checkpoint: folder, model_type: "vivit" })).toBe(
    `${folder}: holds no checkpoint of "vivit"; available: resnet_none_none`,
  );
  expect(refused({ freeze_vision: true })).toContain('unknown key "freeze_vision" is not one of: ');
});

test("takes the model's configuration from a checkpoint", async () => {
  const twin = await loadExperiment({ model: best, sessions: SESSIONS, maxDatasets: 1 });
  expect(twin.model.config.convnet.type).toBe("cnn");
  twin.dispose();
});
