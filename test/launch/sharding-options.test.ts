import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { EarlyStopping } from "../../lib/callbacks/early-stopping";
import { ModelCheckpoint } from "../../lib/callbacks/model-checkpoint";
import { EMAWeightAveraging } from "../../lib/callbacks/weight-averaging";
import { ModelLoggingCallback } from "../../lib/evaluation";
import type { TrainerEvent } from "../../lib/protocols/events";
import type { TrainerOptions } from "../../lib/trainer/options";
import { Trainer } from "../../lib/trainer/trainer";
import { type ExperimentFiles, loadExperiment } from "../../lib/twin/experiment";
import { newFolder } from "../new-folder";
import { expectClose, expectSameCheckpoints, writeConfigs, writeRecordings } from "./sharded-training";
import { Spoiler } from "./spoiler";

/* Trainings with `shard` on two processes, compared with the same training on one process with batches of twice the size. */

const dir = newFolder();
beforeAll(async () => writeRecordings(dir));

interface Variant {
  readonly model?: object;
  readonly sessions?: object;
  readonly files?: Partial<ExperimentFiles>;
  readonly trainer?: TrainerOptions;
  readonly callbacks?: () => NonNullable<TrainerOptions["callbacks"]>;
}

/** Trains a variant on two processes that divide the sessions, and on one process. */
async function both(name: string, { model = {}, sessions = {}, files, trainer, callbacks }: Variant) {
  const configs = { ...writeConfigs(dir, name, { model, sessions }), ...files };
  const train = async (run: string, shared: Partial<ExperimentFiles>, more: { devices: number }) => {
    const module = await loadExperiment({ ...configs, ...shared });
    const base = { dir, batchSize: 8, maxEpochs: 2, stepsPerEpoch: 3, seed: 5, optimizer: { lr: 0.01 } };
    const own = callbacks ? { callbacks: callbacks() } : {};
    const options = { ...base, ...own, ...trainer, name: run, ...more };
    const done = await new Trainer({ ...options, batchSize: (2 * options.batchSize) / options.devices }).fit(
      module,
    );
    module.dispose();
    return done;
  };
  const sharded = await train(`${name}-two`, { shard: "sessions" }, { devices: 2 });
  const alone = await train(`${name}-one`, {}, { devices: 1 });
  return { sharded, alone };
}

const warnings = (run: string) =>
  readFileSync(join(dir, run, "events.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as TrainerEvent)
    .flatMap((event) => (event.event === "warning" ? [event.message] : []));

/** Returns the pictures of a run, and the scores of all units of its last evaluation. */
function logged(run: string): { pictures: string[]; units: object[] } {
  const folder = join(dir, run);
  const pictures = existsSync(join(folder, "pictures"))
    ? readdirSync(join(folder, "pictures"), { recursive: true }).map(String).sort()
    : [];
  const file = join(folder, "evaluations", "epoch-002.json");
  return { pictures, units: existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).units : [] };
}

const IMAGES = {
  frontend: { type: "none" },
  recurrent: { type: "none" },
  convnet: {
    type: "cnn",
    params: {
      channels: [4],
      block_configs: [{ conv_params: { kernel_size: [1, 5, 5] }, norm_type: "rms", act_type: "splitrelu" }],
    },
  },
};
const VARIANTS: Record<string, Variant> = {
  "static images, averages, early stopping and the best checkpoint": {
    model: IMAGES,
    sessions: { keys_lags: { stim: 0 }, datafilters: {} },
    trainer: {
      maxEpochs: 5,
      stepsPerEpoch: 2,
      accumulateGradBatches: 2,
      gradientClipVal: 0.05,
      optimizer: { type: "sgd", lr: 0.05, momentum: 0.9 },
    },
    callbacks: () => [
      new EMAWeightAveraging({ decay: 0.5 }),
      new EarlyStopping({ monitor: "val_loss", patience: 2, minDelta: 1 }),
      new ModelCheckpoint({ monitor: "val_loss", saveTopK: 2 }),
    ],
  },
  "adapters and readouts of sessions, a partly frozen core, and penalties and projections of both": {
    model: {
      adapter: { type: "adapter", params: { grid_size: 11, init_sigma: 0.7, transform: "scale" } },
      regularization: [
        { name: "kernels", type: "group_sparsity", lambda: 0.01, apply_to: ["weight"] },
        { name: "all", type: "group_lasso", lambda: 0.01, apply_to: ["weight", "adapters"] },
        { name: "shrink", type: "proximal_l1", lambda: 0.1, apply_to: ["readouts", "convnet"] },
        { name: "width", type: "l2", lambda: 0.1, apply_to: ["adapters"] },
      ],
    },
    files: { freeze: ["frontend"] },
    trainer: { optimizer: { type: "muon", lr: 0.01 }, gradientClipVal: 0.05 },
    callbacks: () => [new ModelLoggingCallback({ fastLogInterval: 2, slowLogInterval: 2, logDatasetIdx: 2 })],
  },
  "a frozen core, and batches in which a process has no sample": {
    files: { freeze: ["frontend", "convnet", "recurrent"], dropLast: false },
    trainer: { batchSize: 2, stepsPerEpoch: 10, accumulateGradBatches: 2, gradientClipVal: 0.05 },
  },
};

test.each(Object.entries(VARIANTS))("%s", async (_, variant) => {
  const name = `run-${Object.values(VARIANTS).indexOf(variant)}`;
  const { sharded, alone } = await both(name, variant);
  expect(sharded.stopped).toBe(alone.stopped);
  expectClose(sharded.history, alone.history, 1e-4);
  expectSameCheckpoints(dir, `${name}-one`, `${name}-two`, 1e-4);
  const [drawn, expected] = [logged(`${name}-two`), logged(`${name}-one`)];
  expect(drawn.pictures).toEqual(expected.pictures);
  expectClose(drawn.units, expected.units, 1e-4);
});

test("a weight that is not finite in one process ends the run as on one process", async () => {
  const callbacks = () => [new Spoiler({ parameter: "readouts.1.fc.weight", step: 2 })];
  const { sharded, alone } = await both("spoilt", { trainer: { maxEpochs: 8 }, callbacks });
  expect([sharded.stopped, alone.stopped]).toEqual(["diverged", "diverged"]);
  expect(sharded.history).toHaveLength(alone.history.length);
  expect(warnings("spoilt-two")).toEqual(warnings("spoilt-one"));
});

test("a development run validates one batch in each process", async () => {
  const { sharded, alone } = await both("dev", { trainer: { fastDevRun: true } });
  expectClose(sharded.history, alone.history, 1e-4);
});
