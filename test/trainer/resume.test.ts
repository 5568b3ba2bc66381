import { readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { EarlyStopping } from "../../lib/callbacks/early-stopping";
import { ModelCheckpoint } from "../../lib/callbacks/model-checkpoint";
import { EMAWeightAveraging } from "../../lib/callbacks/weight-averaging";
import { tf } from "../../lib/engine";
import type { Callback } from "../../lib/protocols/callback";
import type { TrainerEvent } from "../../lib/protocols/events";
import { readSafetensors } from "../../lib/trainer/checkpoint/safetensors";
import type { OptimizerFactory } from "../../lib/trainer/optim/own";
import type { TrainerOptions } from "../../lib/trainer/options";
import { Trainer } from "../../lib/trainer/trainer";
import { newFolder } from "../new-folder";
import { Sampled, samplers } from "./sampled";
import { Toy } from "./toy";

let dir: string;
beforeEach(() => {
  dir = newFolder();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const signedMomentum: OptimizerFactory = (parameters) => {
  const state = parameters.map(({ name, variable }) => ({
    name: `momentum.${name}`,
    parameter: name,
    variable: tf.tidy(() => tf.variable(tf.zerosLike(variable), false)),
  }));
  return {
    state,
    update({ grads, lr }) {
      parameters.forEach(({ name, variable }, i) => {
        state[i]!.variable.assign(tf.add(tf.mul(state[i]!.variable, 0.9), grads[name]!));
        variable.assign(tf.sub(variable, tf.mul(tf.sign(state[i]!.variable), lr[name]!)));
      });
    },
  };
};

const WARMUP = { warmupEpochs: 1, warmupStartLr: 0.01, etaMin: 0.001 };
const SCHEDULERS: [string, NonNullable<TrainerOptions["scheduler"]>][] = [
  ...(["none", "step", "plateau", "cosine"] as const).map(
    (type) => [type, { type }] as [string, { type: typeof type }],
  ),
  ["cosine by steps", { type: "cosine", interval: "step" }],
  ["cosine_warmup", { type: "cosine_warmup", ...WARMUP }],
  ["cosine_warmup by steps", { type: "cosine_warmup", interval: "step", warmupSteps: 4, etaMin: 0.001 }],
  ["cosine_warmup_restart", { type: "cosine_warmup_restart", ...WARMUP, restartPeriod: 2 }],
  ["one_cycle", { type: "one_cycle" }],
  ["a function of the step", ({ step, baseLr }) => baseLr / (1 + step)],
];
const base = {
  batchSize: 4,
  maxEpochs: 6,
  seed: 3,
  stepsPerEpoch: 3,
  gradientClipVal: 1,
  optimizer: { lr: 0.1, weightDecay: 0.1 },
} satisfies TrainerOptions;

const OPTIMIZERS: [string, NonNullable<TrainerOptions["optimizer"]>][] = [
  ["adamw", { lr: 0.1, betas: [0.8, 0.99], eps: 1e-6 }],
  ["adam", { type: "adam", lr: 0.1 }],
  ["sgd", { type: "sgd", lr: 0.1, momentum: 0.9, nesterov: true }],
  ["lion", { type: "lion", lr: 0.01, coreLrScale: 0.5 }],
  ["muon", { type: "muon", lr: 0.02, adamLrRatio: 0.5 }],
  ["tf.train.rmsprop", tf.train.rmsprop(0.01, 0.9, 0.5)],
  ["tf.train.adam", { type: tf.train.adam(0.01), weightDecay: 0.1 }],
  ["of a function", { type: signedMomentum, lr: 0.01 }],
];

/** Ends a fit after a number of batches. */
const stopAfter = (batches: number): Callback => {
  let seen = 0;
  return {
    onTrainBatchEnd(context) {
      if (++seen === batches) context.stop("interrupted");
    },
  };
};
/** Returns all losses of batches, in order. */
const noting = (losses: number[]): Callback => ({
  onTrainBatchEnd: (_, { loss }) => void losses.push(loss),
});
const keeping = () => [
  new ModelCheckpoint({ monitor: "val_loss", saveTopK: 2 }),
  new EarlyStopping({ monitor: "val_loss", patience: 20 }),
];
const lastOf = (name: string) => join(dir, name, "checkpoints", "last.safetensors");
const tensorsOf = (name: string) =>
  [...readSafetensors(lastOf(name)).tensors].map(([key, { values }]) => [key, Array.from(values)]);
const eventsOf = (name: string) =>
  readFileSync(join(dir, name, "events.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as TrainerEvent & { step?: number; epoch?: number });

/** Fits once without a stop and once stopped after each of `stops` batches, and compares losses, weights and moments. */
async function compare(
  options: TrainerOptions,
  stops: readonly number[],
  source: keyof typeof samplers,
  more: () => Callback[] = () => [],
) {
  const whole: number[] = [];
  const one = new Sampled(source);
  const full = await new Trainer({
    ...base,
    ...options,
    dir,
    name: "whole",
    callbacks: [noting(whole), ...more(), ...keeping()],
  }).fit(one);
  const parts: number[] = [];
  for (const batches of [...stops, 0]) {
    // A new module, as in another process: all of its state comes from the checkpoint.
    const module = new Sampled(source);
    const callbacks = [noting(parts), stopAfter(batches), ...more(), ...keeping()];
    const run = await new Trainer({ ...base, ...options, dir, name: "parts", resume: "auto", callbacks }).fit(
      module,
    );
    expect(run.stopped).toBe(batches ? "interrupted" : "completed");
    if (!batches) expect(run.history).toEqual(full.history);
    module.dispose();
  }
  expect(parts).toEqual(whole);
  expect(tensorsOf("parts")).toEqual(tensorsOf("whole"));
  one.dispose();
}

describe("a stopped and resumed run has the same losses and weights, bit for bit, as an uninterrupted one", () => {
  for (const [name, scheduler] of SCHEDULERS)
    test(`scheduler ${name}`, () => compare({ scheduler }, [1, 4, 3, 2], "shuffled"));
  for (const [name, optimizer] of OPTIMIZERS)
    test(`optimizer ${name}`, () =>
      compare({ optimizer, accumulateGradBatches: 2 }, [1, 4, 3, 2], "shuffled"));
  for (const source of Object.keys(samplers) as (keyof typeof samplers)[])
    test(`batches ${source}`, () => compare({}, [2, 5, 6], source));
  test("within an accumulation", () =>
    compare({ accumulateGradBatches: 3, maxEpochs: 2 }, [1, 1, 5, 3], "curriculum"));
  test("an average of the weights", () =>
    compare({ accumulateGradBatches: 2 }, [1, 3, 6, 5, 12], "shuffled", () => [
      new EMAWeightAveraging({ decay: 0.7, updateEveryNSteps: 2, updateStartingAtStep: 1 }),
    ]));
  test("overfitBatches", () => compare({ overfitBatches: 2 }, [2, 5], "shuffled"));
});

test("cuts off events after the checkpoint, and falls back to the previous checkpoint when the last is damaged", async () => {
  vi.spyOn(console, "warn").mockImplementation(() => {});
  const module = new Sampled("shuffled");
  const trainer = (more: TrainerOptions) =>
    new Trainer({ ...base, dir, callbacks: keeping(), resume: "auto", ...more });
  const run = await trainer({}).fit(module);
  const best = run.kept.best!.path;
  writeFileSync(lastOf("run"), "half");
  utimesSync(lastOf("run"), new Date(), new Date());
  const again = await trainer({}).fit(module);
  expect(vi.mocked(console.warn).mock.calls[0]![0]).toContain("damaged or not a checkpoint");
  expect(again.history).toEqual(run.history);
  expect(again.kept.best!.path).toBe(best);
  const validations = eventsOf("run").filter(({ event }) => event === "validation");
  expect(validations.map(({ epoch }) => epoch)).toEqual([0, 1, 2, 3, 4, 5]);
  const steps = eventsOf("run").flatMap(({ event, step }) => (event === "step" ? [step!] : []));
  expect(steps).toEqual([...steps].sort((a, b) => a - b));
  module.dispose();
});

test("continues from the last checkpoint where the file system gives it the same time as the best one", async () => {
  const losses: number[] = [];
  const train = (more: TrainerOptions) =>
    new Trainer({ ...base, maxEpochs: 2, dir, resume: "auto", ...more }).fit(new Sampled("shuffled"));
  await train({ callbacks: [noting(losses), stopAfter(5), ...keeping()] });
  const now = new Date();
  const files = readdirSync(join(dir, "run", "checkpoints"));
  expect(files.length).toBe(2);
  for (const file of files) utimesSync(join(dir, "run", "checkpoints", file), now, now);
  await train({ callbacks: [noting(losses), ...keeping()] });
  expect(losses.length).toBe(6);
});

test("a second fit with more epochs extends a run and knows its best checkpoints from the start", async () => {
  const module = new Sampled("shuffled");
  const first = await new Trainer({ ...base, dir, callbacks: keeping() }).fit(module);
  const callbacks = keeping();
  let known = 0;
  const look: Callback = {
    onFitStart() {
      known = (callbacks[0] as ModelCheckpoint).kept.length;
    },
  };
  const longer = { ...base, maxEpochs: 8, dir, resume: "auto", callbacks: [look, ...callbacks] };
  const run = await new Trainer(longer).fit(module);
  expect(known).toBe(2);
  expect(run.history.slice(0, 6)).toEqual(first.history);
  expect(run.history.map(({ epoch }) => epoch)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  module.dispose();
});

test("rejects other datasets, or another order, because weights are numbered by dataset", async () => {
  const of = (...datasets: string[]) => Object.assign(new Toy(), { datasets });
  const how = { dir, name: "named", batchSize: 4 };
  await new Trainer({ ...how, maxEpochs: 1 }).fit(of("ada", "bob"));
  const again = (module: Toy) => new Trainer({ ...how, maxEpochs: 2, resume: "auto" }).fit(module);
  await expect(again(of("bob", "ada"))).rejects.toThrow(
    "last.safetensors: datasets: are ada, bob, but now there are bob, ada; a run resumes with the same ones in the same order: start another run, which can load its core (`loadPretrained`)",
  );
  expect((await again(of("ada", "bob"))).history).toHaveLength(2);
});

test("resumes a run with its own optimizer only", async () => {
  const how = { dir, name: "stepped", batchSize: 4 };
  await new Trainer({ ...how, maxEpochs: 1 }).fit(new Toy());
  const again = (optimizer: TrainerOptions["optimizer"]) =>
    new Trainer({ ...how, maxEpochs: 2, resume: "auto", ...(optimizer ? { optimizer } : {}) }).fit(new Toy());
  await expect(again({ type: "lion" })).rejects.toThrow(
    "last.safetensors: optimizer.type: was adamw, but now it is lion; a run resumes with its own optimizer: start another run to change it",
  );
  expect((await again(undefined)).history).toHaveLength(2);
});
