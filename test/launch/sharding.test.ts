import { cpSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "js-yaml";
import { beforeAll, expect, test, vi } from "vitest";
import { ModelCheckpoint } from "../../lib/callbacks/model-checkpoint";
import { EMAWeightAveraging } from "../../lib/callbacks/weight-averaging";
import { LaunchError } from "../../lib/distributed";
import { freePort } from "../../lib/distributed/ports";
import { memory } from "../../lib/engine";
import { loadWeights } from "../../lib/trainer/checkpoint/load-weights";
import type { TrainerOptions } from "../../lib/trainer/options";
import { Trainer } from "../../lib/trainer/trainer";
import { deferExperiment } from "../../lib/twin/defer-experiment";
import { type ExperimentFiles, loadExperiment } from "../../lib/twin/experiment";
import { loadTwin } from "../../lib/twin/load-twin";
import { newFolder } from "../new-folder";
import { Stopper } from "./line";
import { script } from "./processes";
import {
  differences,
  expectClose,
  expectSameCheckpoints,
  lastCheckpoint,
  NAMES,
  writeConfigs,
  writeRecordings,
} from "./sharded-training";

const dir = newFolder();
let configs: { model: string; sessions: string };
beforeAll(async () => {
  await writeRecordings(dir);
  const regularization = [
    { name: "sparse", type: "l1", lambda: 0.01, apply_to: ["readouts/weight"] },
    { name: "small", type: "l2", lambda: 0.01, apply_to: ["weight"] },
    { name: "one", type: "l2", lambda: 0.02, apply_to: ["readouts.2"] },
  ];
  configs = writeConfigs(dir, "twin", { model: { regularization } });
});

const experiment = (more: Partial<ExperimentFiles> = {}) => loadExperiment({ ...configs, ...more });

const base: TrainerOptions = {
  dir,
  maxEpochs: 2,
  stepsPerEpoch: 2,
  batchSize: 16,
  seed: 5,
  optimizer: { lr: 0.01, weightDecay: 0.1 },
  gradientClipVal: 0.05,
  accumulateGradBatches: 2,
  limitValBatches: 4,
};
const callbacks = () => [
  new EMAWeightAveraging({ decay: 0.5 }),
  new ModelCheckpoint({ monitor: "val_bps_overall", mode: "max", saveTopK: 1 }),
];

async function trained(name: string, files: Partial<ExperimentFiles>, more: TrainerOptions = {}) {
  const module = await experiment(files);
  try {
    const run = await new Trainer({ ...base, name, devices: 2, callbacks: callbacks(), ...more }).fit(module);
    return run;
  } finally {
    module.dispose();
  }
}

let run: ReturnType<typeof trained> | undefined;
/** Trains the run that is compared with others, once. */
const sharded = () => {
  run ??= trained("sharded", { shard: "sessions" });
  return run;
};

test("two processes with sessions of their own train like two processes with all sessions", async () => {
  const whole = await trained("whole", {});
  const { history } = await sharded();
  expectClose(history, whole.history, 1e-4);
  expect(history[0]).toHaveProperty("reg_loss/one");
  expectSameCheckpoints(dir, "whole", "sharded", 1e-4);
  expect(differences(dir, "whole", "sharded")["optimizer.step"]).toBe(0);
  const logs = [0, 1].map((rank) => readFileSync(join(dir, "sharded", "logs", `rank-${rank}.log`), "utf8"));
  expect(logs.join("")).not.toContain("matches no parameter");
  const config = (name: string) => JSON.parse(lastCheckpoint(dir, name).metadata.gradbook!).config;
  expect(config("sharded").input).toEqual(config("whole").input);
  expect(config("sharded").sessions).toEqual(config("whole").sessions);
});

test("movies and responses that stay in files and host memory train to the same bits as on the device", async () => {
  const { history } = await trained("streamed", { shard: "sessions", movieCache: "100 kB" });
  expect(history).toEqual((await sharded()).history);
  expectSameCheckpoints(dir, "sharded", "streamed");
});

test("resumes with sharded sessions bit for bit, and continues the checkpoint without sharding", async () => {
  const whole = await sharded();
  const stopping = [...callbacks(), new Stopper({ after: 3 })];
  const stopped = await trained("stopped", { shard: "sessions" }, { callbacks: stopping });
  expect(stopped.stopped).toBe("interrupted");
  cpSync(join(dir, "stopped"), join(dir, "continued"), { recursive: true });
  const resumed = await trained("stopped", { shard: "sessions" }, { resume: "auto" });
  expect(resumed.history).toEqual(whole.history);
  expectSameCheckpoints(dir, "sharded", "stopped");
  const from = join(dir, "continued", "checkpoints", "last.safetensors");
  const alone = await trained("alone", {}, { resume: from, devices: 1, batchSize: 32, limitValBatches: 2 });
  expectClose(alone.history, whole.history, 1e-4);
});

test("processes of a launcher load only their own sessions, and resume without a shared folder", async () => {
  const results = [0, 1].map((rank) => join(dir, `result-${rank}.json`));
  const launch = async (more: TrainerOptions) => {
    const port = String(await freePort());
    const started = results.map((result, rank) => {
      const variables = { RANK: String(rank), WORLD_SIZE: "2", MASTER_ADDR: "127.0.0.1", MASTER_PORT: port };
      const options = { ...base, ...more, dir: join(dir, `host${rank}`), files: configs, result };
      return script("sharded-script.ts", options, {
        ...variables,
        GRADBOOK_KEY: "secret",
        LOCAL_WORLD_SIZE: "2",
      });
    });
    const ended = await Promise.all(started.map(async (each) => each.ended));
    expect(ended.map(({ code, output }) => code || output)).toEqual(["", ""]);
    return results.map((result) => JSON.parse(readFileSync(result, "utf8")));
  };
  const [first, second] = await launch({ maxEpochs: 1 });
  expect(first.sessions).toEqual([NAMES[0]]);
  expect(second.sessions).toEqual([NAMES[1], NAMES[2]]);
  const continued = await launch({ resume: "auto" });
  expect(continued[0].history).toHaveLength(2);
  expect(continued[1].history).toEqual(continued[0].history);
  expect(existsSync(join(dir, "host1"))).toBe(false);
  const module = await experiment();
  const { missing, mismatched } = loadWeights(
    module,
    join(dir, "host0", "run", "checkpoints", "last.safetensors"),
  );
  expect({ missing, mismatched }).toEqual({ missing: [], mismatched: [] });
  module.dispose();
});

test("rejects more processes than sessions", async () => {
  const refused = trained("many", { shard: "sessions" }, { devices: 4 });
  await expect(refused).rejects.toThrow(LaunchError);
  await expect(refused).rejects.toThrow(
    'loadExperiment: shard: is "sessions", which gives each process sessions of its own, but 4 processes train and there are 3 sessions; ' +
      "start fewer processes, or leave it out",
  );
});

test("rejects batches of one session each, and another kind of sharding", async () => {
  await expect(experiment({ shard: "sessions", homogeneousBatches: true })).rejects.toThrow(
    'loadExperiment: homogeneousBatches: gives each batch samples of one session, so with `shard: "sessions"` one process would compute and ' +
      "the others wait; leave one of them out",
  );
  await expect(experiment({ shard: "units" as "sessions" })).rejects.toThrow(
    'loadExperiment: shard: is "units", but must be "sessions"',
  );
});

test("refuses to score a part of the sessions as if they were all", async () => {
  const launched = { RANK: "0", WORLD_SIZE: "2", MASTER_ADDR: "127.0.0.1", MASTER_PORT: "1" };
  for (const [name, value] of Object.entries(launched)) vi.stubEnv(name, value);
  const module = await experiment({ shard: "sessions" });
  vi.unstubAllEnvs();
  await expect(new Trainer().validate(module)).rejects.toThrow(
    "Trainer.validate: shard: gives this process only some of the sessions, and `validate` scores all; load the experiment without it, or score " +
      "the checkpoint by `gradbook evaluate`",
  );
  module.dispose();
});

test("a single process with `shard` has all sessions", async () => {
  const module = await experiment({ shard: "sessions" });
  expect(module.sessions.map(({ name }) => name)).toEqual(NAMES);
  expect(module.shard).toBeUndefined();
  module.dispose();
});

test("a deferred experiment is loaded only by the processes that train, and trains to the same weights", async () => {
  const deferred = await deferExperiment({ ...configs, shard: "sessions" });
  expect([deferred.datasets, deferred.monitor]).toEqual([NAMES, { monitor: "val_bps_overall", mode: "max" }]);
  const before = memory().tensors;
  const trainer = new Trainer({ ...base, name: "deferred", devices: 2, callbacks: callbacks() });
  const made = vi.spyOn(deferred, "make");
  const run = await trainer.fit(deferred);
  expect(made).not.toHaveBeenCalled();
  expect(memory().tensors).toBe(before);
  expect(run.history).toEqual((await sharded()).history);
  expectSameCheckpoints(dir, "sharded", "deferred");
  const { trainer: _, ...config } = load(
    readFileSync(join(dir, "deferred", "config.yaml"), "utf8"),
  ) as object & { trainer: object };
  const { trainer: __, ...saved } = JSON.parse(lastCheckpoint(dir, "deferred").metadata.gradbook!).config;
  expect(config).toEqual(saved);
  expect(() => run.load("last")).toThrow("The module was deferred and has no weights in this process; load ");
  expect((await loadTwin(run.folder)).sessions.map(({ name }) => name)).toEqual(NAMES);
});

test("a deferred experiment is loaded by a process that trains alone", async () => {
  const deferred = await deferExperiment(configs);
  const { history } = await new Trainer({ ...base, name: "deferred-alone", maxEpochs: 1 }).fit(deferred);
  const loaded = await trained("loaded-alone", {}, { devices: 1, maxEpochs: 1, callbacks: [] });
  expect(history).toEqual(loaded.history);
});

test("a deferred experiment names a recording that is missing", async () => {
  const elsewhere = newFolder();
  for (const file of NAMES.map((name) => `${name}.yaml`)) cpSync(join(dir, file), join(elsewhere, file));
  for (const name of NAMES.slice(0, 2)) cpSync(join(dir, `${name}.h5`), join(elsewhere, `${name}.h5`));
  const files = writeConfigs(elsewhere, "twin");
  await expect(deferExperiment(files)).rejects.toThrow(
    `${join(elsewhere, NAMES[2]!)}.h5: has no recording: neither ${NAMES[2]}.h5 nor`,
  );
});
