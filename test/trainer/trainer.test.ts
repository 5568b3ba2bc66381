import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test, vi } from "vitest";
import { EarlyStopping } from "../../lib/callbacks/early-stopping";
import { ModelCheckpoint } from "../../lib/callbacks/model-checkpoint";
import { memory, tf } from "../../lib/engine";
import type { FitContext } from "../../lib/protocols/callback";
import type { TrainerEvent } from "../../lib/protocols/events";
import { readSafetensors } from "../../lib/trainer/checkpoint/safetensors";
import { trainerSchema } from "../../lib/trainer/options";
import { TrainingStep } from "../../lib/trainer/step/step";
import { Trainer } from "../../lib/trainer/trainer";
import { newFolder } from "../new-folder";
import { Toy } from "./toy";

let dir: string;
beforeEach(() => {
  dir = newFolder();
});

const events = () =>
  readFileSync(join(dir, "run", "events.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as TrainerEvent & { time: number });
const options = { batchSize: 5, maxEpochs: 8, optimizer: { lr: 0.1 }, gradientClipVal: 100 };
const checkpoint = () => new ModelCheckpoint({ monitor: "val_loss", saveTopK: 2 });

test("trains, reports, keeps the best and the last checkpoint, and loads them back", async () => {
  const toy = new Toy();
  const before = memory().tensors;
  const run = await new Trainer({ ...options, dir, callbacks: [checkpoint()] }).fit(toy);
  expect(run.stopped).toBe("completed");
  expect(run.history.map(({ epoch }) => epoch)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(run.history.at(-1)!.val_loss as number).toBeLessThan(1e-2);
  // The weight itself was uploaded by the fit.
  expect(memory().tensors, "the fit gives back all else it took").toBe(before + 1);

  const kinds = events().map(({ event }) => event);
  expect([kinds[0], kinds[1], kinds.at(-1)]).toEqual(["fit_start", "step", "fit_end"]);
  expect(kinds.filter((kind) => kind === "validation")).toHaveLength(8);
  expect(readdirSync(join(dir, "run", "checkpoints"))).toHaveLength(3);

  const trained = toy.weight.dataSync()[0]!;
  toy.weight.assign(toy.weight.mul(0) as never);
  run.load("last");
  expect(toy.weight.dataSync()[0]).toBe(trained);
  const { tensors, metadata } = readSafetensors(run.kept.best!.path);
  expect([...tensors.keys()].sort()).toEqual([
    "head.weight",
    "optimizer.exp_avg.head.weight",
    "optimizer.exp_avg_sq.head.weight",
    "optimizer.step",
  ]);
  expect(JSON.parse(metadata.gradbook!)).toMatchObject({
    format: 1,
    seed: 0,
    config: { model: { type: "toy" } },
  });
  toy.dispose();
});

test("finishes the batch, saves and returns on SIGINT, and the process continues", async () => {
  const toy = new Toy();
  toy.onBatch = (batch) => {
    if (batch === 14) process.kill(process.pid, "SIGINT");
  };
  const run = await new Trainer({ ...options, dir, callbacks: [checkpoint()] }).fit(toy);
  expect(run.stopped).toBe("interrupted");
  expect(run.history).toHaveLength(1);
  const step = events().at(-1)!;
  expect(step).toMatchObject({ event: "fit_end", stopped: "interrupted", epoch: 1 });
  const saved = JSON.parse(readSafetensors(run.kept.last!).metadata.gradbook!);
  expect(saved.step).toBe((step as { step: number }).step);
  expect(process.listenerCount("SIGINT"), "the handler is gone").toBe(0);
  toy.dispose();
});

test("skips and reports losses that are not finite; ten in a row end the run as diverged", async () => {
  const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
  const toy = new Toy(25, 3);
  const through = await new Trainer({ ...options, dir, callbacks: [checkpoint()] }).fit(toy);
  expect(through.stopped).toBe("completed");
  expect(events().filter(({ event }) => event === "warning")).toMatchObject([
    { message: "a batch was skipped, because this is not finite: the loss (1 so far)" },
  ]);
  const broken = new Toy(25, Number.POSITIVE_INFINITY);
  const run = await new Trainer({ ...options, dir, overwrite: true, callbacks: [checkpoint()] }).fit(broken);
  expect(run.stopped).toBe("diverged");
  expect(run.history).toHaveLength(3);
  expect(warned.mock.lastCall![0]).toBe(
    "diverged: 10 batches in a row could not be used, because this is not finite: the loss; the last good checkpoint is kept",
  );
  run.load("last");
  expect(Number.isFinite(broken.weight.dataSync()[0])).toBe(true);
  warned.mockRestore();
  toy.dispose();
  broken.dispose();
});

test("ends by early stopping, stepsPerEpoch and maxTime", async () => {
  const toy = new Toy();
  const stopping = new EarlyStopping({ monitor: "val_loss", patience: 2, minDelta: 100 });
  const early = await new Trainer({ ...options, dir, stepsPerEpoch: 3, callbacks: [stopping] }).fit(toy);
  expect([early.stopped, early.history.map(({ step }) => step)]).toEqual(["early", [3, 6, 9]]);
  const timed = await new Trainer({ ...options, dir, overwrite: true, maxEpochs: 1e6, maxTime: 0.3 }).fit(
    toy,
  );
  expect(timed.stopped).toBe("time");
  expect(timed.seconds).toBeLessThan(3);
  toy.dispose();
});

test("rejects unknown options, and does not overwrite an earlier run", async () => {
  expect(() => new Trainer({ maxEpoch: 3 } as never)).toThrow(
    /^Trainer: unknown key "maxEpoch" is not one of: .*\(did you mean "maxEpochs"\?\)$/,
  );
  const toy = new Toy();
  await new Trainer({ ...options, dir, maxEpochs: 1 }).fit(toy);
  const first = readFileSync(join(dir, "run", "events.jsonl"), "utf8");
  await expect(new Trainer({ ...options, dir }).fit(toy)).rejects.toThrow("holds an earlier run");
  expect(readFileSync(join(dir, "run", "events.jsonl"), "utf8")).toBe(first);
  toy.dispose();
});

test("explains that there is no best checkpoint before the first validation", async () => {
  const toy = new Toy();
  const stop = { onTrainBatchEnd: (context: FitContext) => context.stop("interrupted") };
  const run = await new Trainer({ ...options, dir, callbacks: [checkpoint(), stop] }).fit(toy);
  expect(() => run.load("best")).toThrow(
    "The run kept no best checkpoint: no validation was finished, so no checkpoint could be judged; train longer, or validate more " +
      '(`checkValEveryNEpoch`, `limitValBatches`). `load("last")` has the final weights.',
  );
  run.load("last");
  const plain = await new Trainer({ ...options, dir, overwrite: true, maxEpochs: 1 }).fit(toy);
  expect(() => plain.load("best")).toThrow(
    "The run kept no best checkpoint: it had no ModelCheckpoint; add one with a `monitor` to the trainer's callbacks. " +
      '`load("last")` has the final weights.',
  );
  toy.dispose();
});

test("reports that a CPU lacks bf16-mixed and computes the step in float32", () => {
  const toy = new Toy();
  const given = trainerSchema.parse({ ...options, precision: "bf16-mixed" });
  const old = new TrainingStep(toy, given, { flags: new Set(["avx2"]) });
  expect(old.precisionProblem).toContain("its CPU has no bfloat16 instructions");
  const today = new TrainingStep(toy, given, { flags: new Set(["avx512_bf16"]) });
  expect(today.precisionProblem).toBeUndefined();
  for (const step of [old, today]) step.dispose();
  toy.dispose();
});

test("rejects a batch larger than the data", async () => {
  const toy = new Toy();
  toy.trainBatchCount = () => 0;
  await expect(new Trainer({ ...options, dir }).fit(toy)).rejects.toThrow(
    "Trainer: batchSize: 5 is more than the number of training samples; give a smaller one",
  );
  toy.dispose();
});

test("rejects the promise of a rate or batch-size search without batches", async () => {
  const { parameters, loss } = new Toy();
  const trainer = new Trainer({ ...options, dir });
  const lacking = "the module has no `trainBatches`; add it";
  await expect(trainer.findLearningRate({ parameters, loss })).rejects.toThrow(lacking);
  await expect(trainer.findBatchSize({ parameters, loss })).rejects.toThrow(lacking);
});

test("drops an observer that fails, with a warning, and continues the run", async () => {
  const toy = new Toy();
  const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
  const plot = {
    observe: vi.fn(() => {
      throw new Error("no canvas");
    }),
  };
  const run = await new Trainer({ ...options, dir, maxEpochs: 1, callbacks: [plot] }).fit(toy);
  expect(run.stopped).toBe("completed");
  expect(plot.observe).toHaveBeenCalledTimes(1);
  expect(warned.mock.calls[0]![0]).toContain("left out of the rest of the run");
  warned.mockRestore();
  toy.dispose();
});

test("rejects an unknown metric and lists the available ones", async () => {
  const toy = new Toy();
  const wrong = new ModelCheckpoint({ monitor: "val_bps" });
  await expect(new Trainer({ ...options, dir, maxEpochs: 1, callbacks: [wrong] }).fit(toy)).rejects.toThrow(
    'There is no metric "val_bps" to monitor; available: train_loss, val_loss.',
  );
  toy.dispose();
});

test("reports a damaged checkpoint and changes no weight", async () => {
  const toy = new Toy();
  const run = await new Trainer({ ...options, dir, maxEpochs: 1, callbacks: [checkpoint()] }).fit(toy);
  const bytes = readFileSync(run.kept.last!);
  const trained = toy.weight.dataSync()[0];
  for (const length of [0, 5, 100, bytes.length - 2]) {
    writeFileSync(run.kept.last!, bytes.subarray(0, length));
    expect(() => run.load("last")).toThrow("damaged or not a checkpoint");
  }
  expect(toy.weight.dataSync()[0]).toBe(trained);
  rmSync(run.kept.last!);
  expect(() => run.load("last")).toThrow("no such checkpoint");
  expect(existsSync(join(dir, "run", "checkpoints", "last.safetensors"))).toBe(false);
  toy.dispose();
});

test("trains a module that serves tensors like one that serves arrays, and does not dispose the tensors", async () => {
  class Resident extends Toy {
    readonly x = tf.tensor1d([-2, -1, 0, 1, 2], "int32");
    override *trainBatches() {
      for (let i = 0; i < 10; i++) yield { x: this.x };
    }
  }
  const toy = new Resident();
  const run = await new Trainer({ ...options, dir }).fit(toy);
  expect(run.history.at(-1)!.val_loss as number).toBeLessThan(1e-2);
  expect(toy.x.isDisposed).toBe(false);
  toy.dispose();
});

test("accepts the short names of a precision, and rejects an unknown one with the known ones", () => {
  const precisionOf = (precision?: string) => trainerSchema.parse({ ...options, precision }).precision;
  expect([undefined, "32", "float32", "32-true"].map(precisionOf)).toEqual(Array(4).fill("32-true"));
  expect(["bf16", "bf16-mixed"].map(precisionOf)).toEqual(["bf16-mixed", "bf16-mixed"]);
  expect(() => new Trainer({ ...options, precision: "fp8" as "bf16" })).toThrow("32-true");
});
