import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CurriculumCallback } from "../../lib/callbacks/curriculum";
import { Freeze } from "../../lib/callbacks/freeze";
import { EpochHeartbeat, Heartbeat } from "../../lib/callbacks/heartbeat";
import { ModelCheckpoint } from "../../lib/callbacks/model-checkpoint";
import { DeviceStatsMonitor, LearningRateMonitor } from "../../lib/callbacks/stats";
import { TimeBudgetCallback } from "../../lib/callbacks/time-budget";
import { EMAWeightAveraging } from "../../lib/callbacks/weight-averaging";
import { tf } from "../../lib/engine";
import type { Callback } from "../../lib/protocols/callback";
import type { Batch, TracedBatch } from "../../lib/protocols/module";
import { Trainer } from "../../lib/trainer/trainer";
import { newFolder } from "../new-folder";
import { runPython } from "../python/python";
import { Sampled } from "./sampled";
import { Toy } from "./toy";

let dir: string;
let module: Sampled;
beforeEach(() => {
  dir = newFolder();
  module = new Sampled("shuffled");
});
afterEach(() => {
  module.dispose();
});
const options = { batchSize: 4, maxEpochs: 4, optimizer: { lr: 0.1 } };
const train = (callbacks: readonly Callback[], more = {}) =>
  new Trainer({ ...options, dir, callbacks, ...more }).fit(module);
const stats = () =>
  readFileSync(join(dir, "run", "events.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
    .filter(({ event }) => event === "stats");

test("constructs callbacks again in the process of each device", async () => {
  const callbacks: Callback[] = [
    new Freeze({ parameters: ["core"], until: 2 }),
    new LearningRateMonitor(),
    new DeviceStatsMonitor(),
    new TimeBudgetCallback({ minutes: 1 }),
    new EMAWeightAveraging({ decay: 0.9 }),
    new Heartbeat(),
    new EpochHeartbeat("val_loss"),
    new CurriculumCallback("data.sampler"),
  ];
  for (const callback of callbacks) {
    const { module: file, name, options } = callback.recipe!;
    const { [name]: Again } = await import(file);
    expect(callback).toBeInstanceOf(Again);
    expect(new Again(options).recipe).toEqual(callback.recipe);
  }
});

test("rejects callbacks that exist in this process only: a function that prints, a sampler", () => {
  expect(new Heartbeat(() => {}).recipe).toBeUndefined();
  expect(new EpochHeartbeat("val_loss", () => {}).recipe).toBeUndefined();
  expect(new CurriculumCallback({ setStep() {} }).recipe).toBeUndefined();
});

test("finds a sampler in the module by its path, and reports a missing one", async () => {
  const steps: number[] = [];
  Object.assign(module, { data: { sampler: { setStep: (step: number) => void steps.push(step) } } });
  await train([new CurriculumCallback("data.sampler")], { maxEpochs: 1 });
  expect(steps).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  await expect(train([new CurriculumCallback()], { overwrite: true })).rejects.toThrow(
    "CurriculumCallback: sampler: the training module has no `sampler` with a `setStep`; give the names of the properties " +
      "that lead to its sampler, or the sampler itself",
  );
});

test("freezes the parameters of several Freeze callbacks, each until its own epoch", async () => {
  const [core, head] = module.parameters;
  const seen: number[][] = [];
  const values = () => [core!, head!].map(({ variable }) => variable.dataSync()[0]!);
  const before = values();
  const look: Callback = { onTrainEpochEnd: () => void seen.push(values()) };
  const frozen = [
    new Freeze({ parameters: ["core"], until: 2 }),
    new Freeze({ parameters: ["head/weight"], until: 1 }),
  ];
  await train([...frozen, look]);
  expect(seen[0]).toEqual(before);
  expect(seen[1]![0]).toBe(before[0]);
  expect(seen[1]![1]).not.toBe(before[1]);
  expect(seen[2]![0]).not.toBe(before[0]);
});

test("keeps frozen parameters bit for bit until their epoch while the others train", async () => {
  const [core, head] = module.parameters;
  const seen: { core: number[]; head: number[] }[] = [];
  const look: Callback = {
    onTrainEpochEnd: () =>
      void seen.push({
        core: Array.from(core!.variable.dataSync()),
        head: Array.from(head!.variable.dataSync()),
      }),
  };
  const before = Array.from(core!.variable.dataSync());
  await train([new Freeze({ parameters: ["core/weight"], until: 2 }), look]);
  expect(seen[1]!.core).toEqual(before);
  expect(seen[2]!.core).not.toEqual(before);
  expect(seen[0]!.head).not.toEqual(seen[1]!.head);
  await expect(train([new Freeze({ parameters: ["cor/x"] })], { overwrite: true })).rejects.toThrow(
    'Freeze: parameters.0: "cor/x" matches no parameter; available: core.weight, head.weight, head.bias',
  );
});

test("limits the epochs and the schedule by a time budget, also in a resumed run", async () => {
  const rates: number[] = [];
  const max: number[] = [];
  const slow: Callback = {
    onTrainBatchEnd: () => new Promise((resolve) => setTimeout(resolve, 10)),
    onTrainEpochStart: ({ maxEpochs }) => void max.push(maxEpochs),
    onTrainEpochEnd: ({ lr }) => void rates.push(lr),
  };
  const budget = () => [
    new TimeBudgetCallback({ minutes: 2 / 60, warmupSteps: 5 }),
    slow,
    new ModelCheckpoint(),
  ];
  const more = { maxEpochs: 1000, scheduler: { type: "cosine" as const } };
  const run = await train(budget(), more);
  // The budget is 2 s of steps of at least 10 ms, ten in an epoch.
  expect(run.history.length).toBeLessThanOrEqual(20);
  expect(run.history.length).toBeGreaterThan(1);
  const capped = max.at(-1)!;
  expect(capped).toBeLessThanOrEqual(20);
  expect(rates.at(-1)).toBeLessThan(0.1 * 0.9);
  max.length = 0;
  const again = await train(budget(), { ...more, resume: "auto" });
  expect(again.history.length).toBeLessThanOrEqual(capped);
  expect(max.every((epochs) => epochs === capped)).toBe(true);
});

test("reports rates and the machine's numbers as events, prints heartbeats, and passes the step to a sampler", async () => {
  const lines: string[] = [];
  const print = (line: string) => void lines.push(line);
  const steps: number[] = [];
  const sampler = { setStep: (step: number) => void steps.push(step) };
  await train(
    [
      new LearningRateMonitor(),
      new DeviceStatsMonitor(),
      new Heartbeat(print),
      new EpochHeartbeat("val_mae", print),
      new CurriculumCallback(sampler),
    ],
    { scheduler: { type: "cosine" }, maxEpochs: 2 },
  );
  const lr = stats().flatMap(({ lr }) => (lr === undefined ? [] : [lr]));
  expect(lr).toEqual([0.1, 0.05]);
  const device = stats().filter(({ tensors }) => tensors > 0);
  expect(device).toHaveLength(2);
  expect(device[0].samples_per_s).toBeGreaterThan(0);
  expect(steps).toEqual(Array.from({ length: 20 }, (_, i) => i));
  expect(lines.filter((line) => line.includes("batch end"))).toHaveLength(20);
  expect(lines.filter((line) => /backward, gradient norm \d/.test(line))).toHaveLength(20);
  expect(lines.filter((line) => line.includes("val_mae"))).toHaveLength(2);
});

test("saves and ends the fit on an AbortSignal, stop() and the cell's signal", async () => {
  const abort = new AbortController();
  const early: Callback = { onTrainBatchEnd: ({ step }) => void (step === 3 && abort.abort()) };
  const run = await train([early], { signal: abort.signal });
  expect([run.stopped, run.history.length]).toEqual(["interrupted", 0]);
  run.load("last");
  const trainer = new Trainer({
    ...options,
    dir,
    overwrite: true,
    callbacks: [{ onTrainBatchEnd: () => trainer.stop() } as Callback],
  });
  expect((await trainer.fit(module)).stopped).toBe("interrupted");
  const cell = new AbortController();
  const key = Symbol.for("gradbook.signal");
  Object.assign(globalThis, { [key]: cell.signal });
  const inCell = await train([{ onTrainBatchEnd: () => cell.abort() }], { overwrite: true });
  Object.assign(globalThis, { [key]: undefined });
  expect(inCell.stopped).toBe("interrupted");
});

test("writes checkpoints whose weights, moments and state Python's safetensors reads", async () => {
  const run = await train([new ModelCheckpoint()]);
  const script = `
import json
from safetensors import safe_open
with safe_open("${run.kept.last}", framework="np") as f:
    state = json.loads(f.metadata()["gradbook"])
    print(json.dumps({"step": state["step"], "names": sorted(f.keys()), "core": f.get_tensor("core.weight").tolist()}))
`;
  const read = JSON.parse(await runPython(script));
  expect(read.step).toBe(40);
  expect(read.core).toEqual(module.parameters[0]!.variable.arraySync());
  expect(read.names).toContain("optimizer.exp_avg_sq.head.bias");
});

test("validate, predict without a forward, fastDevRun, limitValBatches, checkValEveryNEpoch", async () => {
  const run = await train([new ModelCheckpoint({ monitor: "val_mae" })], {
    checkValEveryNEpoch: 3,
    limitValBatches: 0.5,
  });
  const validated = run.history.filter(({ val_loss }) => val_loss !== undefined).map(({ epoch }) => epoch);
  expect(validated).toEqual([2, 3]);
  const trainer = new Trainer({ ...options, dir, fastDevRun: true });
  const all = await trainer.validate(module);
  expect(all.val_loss).not.toBe(run.history.at(-1)!.val_loss);
  await expect(trainer.predict(module)).rejects.toThrow("Trainer: the module has no `forward`; add it");
  const quick = await trainer.fit(module);
  expect(quick.history.map(({ step }) => step)).toEqual([1]);
  expect(quick.folder).toBe(join(dir, "run-fast-dev-run"));
});

test("suggests a rate and a batch size and leaves the weights unchanged", async () => {
  const weights = () => module.parameters.map(({ variable }) => Array.from(variable.dataSync()));
  const before = weights();
  const trainer = new Trainer({ ...options, dir });
  const { suggestion, rates, losses } = await trainer.findLearningRate(module, { steps: 60 });
  expect(rates[0]).toBe(1e-6);
  expect(losses).toHaveLength(rates.length);
  expect(suggestion).toBeGreaterThan(1e-4);
  expect(await trainer.findBatchSize(module, { from: 5 })).toBe(40);
  expect(weights()).toEqual(before);
});

test("predicts one tensor for each validation batch, or for each given batch", async () => {
  const predicting = Object.assign(Object.create(module) as Sampled, {
    forward: ({ rows }: TracedBatch) => tf.mul(tf.cast(rows!, "float32"), 2),
  });
  const trainer = new Trainer({ ...options, dir });
  const values = async (batches?: Batch[]) => {
    const predictions = await trainer.predict(predicting, batches);
    const found = predictions.map((each) => Array.from(each.dataSync()));
    tf.dispose(predictions);
    return found;
  };
  expect(await values()).toEqual([
    [0, 2, 4, 6],
    [8, 10, 12, 14],
  ]);
  expect(await values([{ rows: Int32Array.of(5, 1) }])).toEqual([[10, 2]]);
});

test("orders the samples by the seed; the same seed repeats the training", async () => {
  const losses = async (seed: number, name: string) => {
    const fresh = new Sampled("shuffled");
    const run = await new Trainer({ ...options, maxEpochs: 1, seed, dir, name }).fit(fresh);
    fresh.dispose();
    return run.history[0]!.train_loss;
  };
  const [one, same, other] = [await losses(1, "a"), await losses(1, "b"), await losses(2, "c")];
  expect(same).toBe(one);
  expect(other).not.toBe(one);
});

test("counts only epochs with a validation for a plateau", async () => {
  const rates: number[] = [];
  const watch: Callback = { onTrainEpochStart: ({ lr }) => void rates.push(lr) };
  const rare = { maxEpochs: 12, checkValEveryNEpoch: 6, scheduler: { type: "plateau" as const } };
  // Every epoch has the same training loss.
  const toy = new Toy();
  await new Trainer({ ...rare, dir, optimizer: { lr: 1e-20 }, callbacks: [watch] }).fit(toy);
  expect(new Set(rates)).toEqual(new Set([1e-20]));
  toy.dispose();
});

test("keeps all checkpoints with saveTopK -1, and only the last with 0", async () => {
  const kept = async (saveTopK: number) => {
    const name = `top${saveTopK}`;
    await train([new ModelCheckpoint({ monitor: "val_loss", saveTopK })], { name, optimizer: { lr: 1 } });
    return readdirSync(join(dir, name, "checkpoints")).length;
  };
  expect([await kept(-1), await kept(0)]).toEqual([5, 1]);
});

test("rejects invalid options and shares of callbacks when they are constructed", () => {
  const said = (make: () => unknown) => {
    try {
      make();
    } catch (error) {
      return (error as Error).message;
    }
    return "nothing was thrown";
  };
  expect(said(() => new Freeze({ parameters: "frontend" as never }))).toContain("Freeze: parameters: ");
  expect(said(() => new TimeBudgetCallback({} as never))).toContain("TimeBudgetCallback: minutes: ");
  expect(said(() => new Trainer({ limitValBatches: 2.5 }))).toBe(
    "Trainer: limitValBatches: must be a share of all batches, 0 to 1, or a whole number of them; found 2.5",
  );
});
