import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CurriculumCallback } from "../../lib/callbacks/curriculum";
import { EpochHeartbeat, Heartbeat } from "../../lib/callbacks/heartbeat";
import { ModelCheckpoint } from "../../lib/callbacks/model-checkpoint";
import { EMAWeightAveraging } from "../../lib/callbacks/weight-averaging";
import { freePort } from "../../lib/distributed/ports";
import { readSafetensors } from "../../lib/trainer/checkpoint/safetensors";
import type { TrainerOptions } from "../../lib/trainer/options";
import { Trainer } from "../../lib/trainer/trainer";
import { newFolder } from "../new-folder";
import { Line, Numbers, Stopper } from "./line";
import { processesOf, script, until } from "./processes";

let dir: string;
let line: Line;
beforeEach(() => {
  dir = newFolder();
  line = new Line();
});
afterEach(() => {
  line.dispose();
});

const base = { maxEpochs: 3, optimizer: { lr: 0.05 }, devices: 2, batchSize: 2 } as const;
const averaging = () => new EMAWeightAveraging({ decay: 0.8 });
const numbers = new Numbers({ first: -3 });
const train = (more: TrainerOptions) => new Trainer({ ...base, dir, ...more }).fit(line, numbers);
const log = (rank: number) => readFileSync(join(dir, "run", "logs", `rank-${rank}.log`), "utf8");

test("trains on two devices with given batches, averages, heartbeats and a sampler as on one device with the doubled batch", async () => {
  const callbacks = [
    averaging(),
    new Heartbeat(),
    new EpochHeartbeat("val_loss"),
    new CurriculumCallback("data.sampler"),
    new ModelCheckpoint({ monitor: "val_loss" }),
  ];
  const run = await train({ callbacks });
  const two = line.values();
  for (const rank of [0, 1]) {
    expect(log(rank).match(/sampler at step \d+/g)).toEqual(
      Array.from({ length: 18 }, (_, step) => `sampler at step ${step}`),
    );
    expect(log(rank).match(/: batch end, loss/g)).toHaveLength(18);
    expect(log(rank).match(/epoch \d step \d+: val_loss \d/g)).toHaveLength(3);
  }
  for (const { variable } of line.parameters) variable.assign(variable.mul(0) as never);
  const alone = await train({ name: "alone", devices: 1, batchSize: 4, callbacks: [averaging()] });
  line.values().forEach((value, i) => {
    expect(two[i]).toBeCloseTo(value, 5);
  });
  run.history.forEach(({ train_loss, val_loss, val_large, val_rmse }, epoch) => {
    expect(train_loss).toBeCloseTo(alone.history[epoch]!.train_loss, 5);
    expect(val_loss as number).toBeCloseTo(alone.history[epoch]!.val_loss as number, 5);
    // The three validation batches have 2, 2 and 1 of five parts of the samples.
    expect(Math.round((val_large as number) * 5)).toBeCloseTo((val_large as number) * 5, 5);
    expect(val_large).toBe(alone.history[epoch]!.val_large);
    // A measure is joined over the processes' batches.
    expect(val_rmse as number).toBeCloseTo(Math.sqrt(val_loss as number), 5);
  });
});

test("resumes within an epoch on two devices with the same losses, weights and averages bit for bit", async () => {
  const keeping = () => [averaging(), new ModelCheckpoint({ monitor: "val_loss" })];
  const whole = await train({ name: "whole", accumulateGradBatches: 2, callbacks: keeping() });
  for (const after of [3, 5, 0]) {
    const callbacks = [...keeping(), new Stopper({ after })];
    const run = await train({ name: "parts", accumulateGradBatches: 2, resume: "auto", callbacks });
    expect(run.stopped).toBe(after ? "interrupted" : "completed");
    if (!after) expect(run.history).toEqual(whole.history);
  }
  const arrays = (name: string) =>
    [...readSafetensors(join(dir, name, "checkpoints", "last.safetensors")).tensors].map(
      ([key, { values }]) => [key, Array.from(values)],
    );
  expect(arrays("parts").map(([key]) => key)).toContain("current.weight");
  expect(arrays("parts")).toEqual(arrays("whole"));
});

test("reports an unknown metric before the first step, with several processes too", async () => {
  const wrong = train({ callbacks: [new ModelCheckpoint({ monitor: "val_bps" })] });
  await expect(wrong).rejects.toThrow(
    /^Rank \d of 2 ended the training: There is no metric "val_bps" to monitor; available: train_loss, val_loss, val_large, val_rmse\./,
  );
  expect(readFileSync(join(dir, "run", "events.jsonl"), "utf8")).not.toContain('"event":"step"');
});

test("rejects batches that exist in this process only, before anything starts", async () => {
  const { recipe: _, ...plain } = new Numbers({ first: 0 });
  const source = Object.assign(Object.create(numbers), plain, { recipe: undefined });
  const refused = new Trainer({ ...base, dir }).fit(line, source);
  await expect(refused).rejects.toThrow(
    "Trainer.fit: source: the batches that were given serve this process only: the 2 workers are other processes, where " +
      "definitions of this one (in a notebook's cell, or in the script itself) do not exist. Export a function that makes them from a module and " +
      'give `await fromModule("./file.ts#name", options)`',
  );
  expect(existsSync(join(dir, "run"))).toBe(false);
});

const job = (more: object) => ({ dir, result: join(dir, "result"), batchSize: 6, epochs: 10_000, ...more });
const result = (rank = 0) => JSON.parse(readFileSync(join(dir, `result-${rank}.json`), "utf8"));
const validated = () =>
  existsSync(join(dir, "run", "events.jsonl")) &&
  readFileSync(join(dir, "run", "events.jsonl"), "utf8").includes('"event":"validation"');
const saved = () => existsSync(join(dir, "run", "checkpoints", "last.safetensors"));

test.each([1, 2])("SIGTERM on %i devices saves, returns, and leaves no process", async (devices) => {
  const { child, ended } = script("script.ts", job({ devices }));
  await until(validated);
  child.kill("SIGTERM");
  expect(await ended).toMatchObject({ code: 0 });
  expect(result().stopped).toBe("interrupted");
  expect(saved()).toBe(true);
  expect(processesOf(dir)).toEqual([]);
});

test("saves and ends all processes when one that torchrun started receives SIGTERM", async () => {
  const port = String(await freePort());
  const ranks = ["0", "1"].map((rank) =>
    script("script.ts", job({}), {
      RANK: rank,
      WORLD_SIZE: "2",
      LOCAL_RANK: rank,
      MASTER_ADDR: "127.0.0.1",
      MASTER_PORT: port,
    }),
  );
  await until(validated);
  ranks[1]!.child.kill("SIGTERM");
  const done = await Promise.all(ranks.map(({ ended }) => ended));
  expect(done.map(({ code, output }) => code || output)).toEqual(["", ""]);
  expect([result(0).stopped, result(1).stopped]).toEqual(["interrupted", "interrupted"]);
  expect(saved()).toBe(true);
});
