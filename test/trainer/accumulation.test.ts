import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ProgressLine } from "../../lib/callbacks/progress";
import { DeviceStatsMonitor, LearningRateMonitor } from "../../lib/callbacks/stats";
import type { Callback } from "../../lib/protocols/callback";
import type { TrainerOptions } from "../../lib/trainer/options";
import { Trainer } from "../../lib/trainer/trainer";
import { newFolder } from "../new-folder";
import { Sampled } from "./sampled";

let dir: string;
let module: Sampled;
beforeEach(() => {
  dir = newFolder();
  module = new Sampled("shuffled");
});
afterEach(() => {
  module.dispose();
  vi.useRealTimers();
});
const train = (callbacks: readonly Callback[], more: TrainerOptions = {}) =>
  new Trainer({ dir, batchSize: 4, maxEpochs: 3, accumulateGradBatches: 3, callbacks, ...more }).fit(module);
const stats = () =>
  readFileSync(join(dir, "run", "events.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
    .filter(({ event }) => event === "stats");

test("LearningRateMonitor reports once per epoch, or once per step when a step takes several batches", async () => {
  await train([new LearningRateMonitor()]);
  expect(stats().map(({ epoch, step }) => [epoch, step])).toEqual([
    [0, 1],
    [1, 4],
    [2, 7],
  ]);
  await train([new LearningRateMonitor({ loggingInterval: "step" })], { overwrite: true });
  expect(stats().map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(() => new LearningRateMonitor({ loggingInterval: "batch" as never })).toThrow(
    /^LearningRateMonitor: loggingInterval: /,
  );
});

test("LearningRateMonitor reports an epoch once when it was stopped before its first step and resumed", async () => {
  const stop: Callback = { onTrainBatchEnd: (context) => context.stop("interrupted") };
  await train([new LearningRateMonitor(), stop]);
  expect(stats()).toEqual([]);
  await train([new LearningRateMonitor()], { resume: "auto" });
  expect(stats().map(({ step }) => step)).toEqual([1, 4, 7]);
});

test("DeviceStatsMonitor counts the samples of all batches of a step", async () => {
  const wait: Callback = { onTrainBatchEnd: () => new Promise((resolve) => setTimeout(resolve, 20)) };
  await train([wait, new DeviceStatsMonitor()], { maxEpochs: 2 });
  // Nine batches of four samples in at least 180 ms; counted by steps it would be a third.
  const { samples_per_s } = stats()[1];
  expect(samples_per_s).toBeLessThanOrEqual(200);
  expect(samples_per_s).toBeGreaterThan(67);
});

test("ProgressLine estimates the remaining time from the steps since the run was resumed", () => {
  vi.useFakeTimers();
  const shown: string[] = [];
  const key = Symbol.for("gradbook.kernel");
  const display = ({ data }: { data: { "text/plain": string } }) => void shown.push(data["text/plain"]);
  Object.assign(globalThis, { [key]: { display } });
  try {
    const line = new ProgressLine();
    const length = { max_epochs: 10, steps_per_epoch: 100 };
    line.observe({ event: "fit_start", name: "run", folder: dir, parameters: 1, ...length, resumed: 900 });
    vi.advanceTimersByTime(10_000);
    const at = { epoch: 9, step: 950, train_loss: 1, lr: 0.1, samples_per_s: 20 };
    line.observe({ event: "step", ...at });
    expect(shown[0]).toContain("10 s left");
  } finally {
    Object.assign(globalThis, { [key]: undefined });
  }
});
