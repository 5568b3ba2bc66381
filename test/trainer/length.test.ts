import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { EarlyStopping } from "../../lib/callbacks/early-stopping";
import { ModelCheckpoint } from "../../lib/callbacks/model-checkpoint";
import { EMAWeightAveraging } from "../../lib/callbacks/weight-averaging";
import type { Callback } from "../../lib/protocols/callback";
import type { TrainerEvent } from "../../lib/protocols/events";
import type { TrainerOptions } from "../../lib/trainer/options";
import { Trainer } from "../../lib/trainer/trainer";
import { newFolder } from "../new-folder";
import { Sampled } from "./sampled";

let dir: string;
beforeEach(() => {
  dir = newFolder();
});

/** Fits a module of ten batches in an epoch. */
async function train(options: TrainerOptions) {
  const module = new Sampled("shuffled");
  const run = await new Trainer({ dir, batchSize: 4, optimizer: { lr: 0.05 }, ...options }).fit(module);
  const weights = module.parameters.map(({ variable }) => Array.from(variable.dataSync()));
  module.dispose();
  return { ...run, run, weights };
}
const eventsOf = (name = "run") =>
  readFileSync(join(dir, name, "events.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as TrainerEvent & { step: number; epoch: number });
const validations = (name?: string) =>
  eventsOf(name).flatMap(({ event, epoch, step }) => (event === "validation" ? [[epoch, step]] : []));
const noting = (losses: number[]): Callback => ({
  onTrainBatchEnd: (_, { loss }) => void losses.push(loss),
});

describe("maxSteps", () => {
  test("ends the fit and the schedule within an epoch, with a validation, as completed", async () => {
    const rates: number[] = [];
    const look: Callback = { onTrainEpochEnd: ({ lr }) => void rates.push(lr / 0.05) };
    const { stopped, history } = await train({
      maxSteps: 25,
      scheduler: { type: "cosine" },
      callbacks: [look],
    });
    expect(stopped).toBe("completed");
    expect(validations()).toEqual([
      [0, 10],
      [1, 20],
      [2, 25],
    ]);
    expect(history.map(({ step }) => step)).toEqual([10, 20, 25]);
    expect(rates.map((rate) => Number(rate.toFixed(4)))).toEqual([1, 0.75, 0.25]);
    expect(eventsOf()[0]).toMatchObject({ max_epochs: 3, max_steps: 25, steps_per_epoch: 10 });
  });

  test("counts optimizer steps when a step accumulates several batches", async () => {
    let batches = 0;
    const count: Callback = { onTrainBatchEnd: () => void batches++ };
    const { history } = await train({ maxSteps: 4, accumulateGradBatches: 3, callbacks: [count] });
    expect([history.at(-1)!.step, batches]).toEqual([4, 12]);
  });

  test("ends at maxEpochs if that comes first", async () => {
    const { history } = await train({ maxSteps: 25, maxEpochs: 2 });
    expect(history.map(({ step }) => step)).toEqual([10, 20]);
    expect(eventsOf()[0]).toMatchObject({ max_epochs: 2, max_steps: 20 });
  });

  test("continues a resumed run with the next batch if steps remain, and otherwise trains nothing", async () => {
    const [whole, parts]: [number[], number[]] = [[], []];
    await train({ name: "whole", maxSteps: 38, callbacks: [noting(whole)] });
    await train({ maxSteps: 25, callbacks: [noting(parts), new ModelCheckpoint()] });
    await train({ maxSteps: 38, resume: "auto", callbacks: [noting(parts), new ModelCheckpoint()] });
    expect(parts).toEqual(whole);
    const { stopped, history } = await train({ maxSteps: 38, resume: "auto", callbacks: [noting(parts)] });
    expect([stopped, history.at(-1)!.step, parts.length]).toEqual(["completed", 38, 38]);
  });
});

describe("valCheckInterval", () => {
  test.each<[string, TrainerOptions, number[][]]>([
    [
      "a share of an epoch",
      { valCheckInterval: 0.25 },
      [
        [0, 2],
        [0, 4],
        [0, 6],
        [0, 8],
        [0, 10],
      ],
    ],
    [
      "a number of batches, counted anew in each epoch",
      { valCheckInterval: 4, maxEpochs: 2 },
      [
        [0, 4],
        [0, 8],
        [1, 14],
        [1, 18],
        [1, 20],
      ],
    ],
    [
      "batches, not steps",
      { valCheckInterval: 4, accumulateGradBatches: 2 },
      [
        [0, 2],
        [0, 4],
        [0, 5],
      ],
    ],
    [
      "batches across epochs",
      { valCheckInterval: 15, checkValEveryNEpoch: null, maxEpochs: 3 },
      [
        [1, 15],
        [2, 30],
      ],
    ],
    [
      "only in some epochs",
      { valCheckInterval: 0.5, checkValEveryNEpoch: 2, maxEpochs: 3 },
      [
        [1, 15],
        [1, 20],
        [2, 30],
      ],
    ],
    [
      "until maxSteps",
      { valCheckInterval: 0.5, maxSteps: 13, maxEpochs: 3 },
      [
        [0, 5],
        [0, 10],
        [1, 13],
      ],
    ],
  ])("validates by %s", async (_, options, expected) => {
    await train({ maxEpochs: 1, ...options });
    expect(validations()).toEqual(expected);
  });

  test("records each validation, keeps the best of all, and counts them for early stopping", async () => {
    const seen: number[] = [];
    const count: Callback = { onValidationEnd: ({ step }) => void seen.push(step) };
    const stop = new EarlyStopping({ monitor: "val_loss", patience: 3, minDelta: 1e9 });
    const best = new ModelCheckpoint({ monitor: "val_loss", saveTopK: -1 });
    const { run, stopped, history, kept } = await train({
      maxEpochs: 3,
      valCheckInterval: 3,
      callbacks: [count, stop, best],
    });
    // The first validation is the best; three without an improvement follow.
    expect([stopped, seen]).toEqual(["early", [3, 6, 9, 13]]);
    expect(history.map(({ step, val_loss }) => [step, val_loss !== undefined])).toEqual([
      [3, true],
      [6, true],
      [9, true],
      [10, false],
      [13, true],
    ]);
    const losses = history.flatMap(({ val_loss }) => (typeof val_loss === "number" ? [val_loss] : []));
    expect(kept.best!.score).toBe(Math.min(...losses));
    expect(best.kept).toHaveLength(4);
    expect(String(run)).toMatch(/^early after 2 epochs, /);
  });

  test("reads a plateau from the last validation of each epoch", async () => {
    const rates: number[] = [];
    const look: Callback = { onTrainEpochEnd: ({ lr }) => void rates.push(lr) };
    // The loss does not improve at a rate of almost 0; five bad epochs halve the rate once.
    await train({
      maxEpochs: 6,
      valCheckInterval: 0.2,
      optimizer: { lr: 1e-12 },
      scheduler: { type: "plateau" },
      callbacks: [look],
    });
    expect(rates).toEqual([1e-12, 1e-12, 1e-12, 1e-12, 1e-12, 5e-13]);
  });

  test("uses the average of the weights for validation only", async () => {
    const ema = () => new EMAWeightAveraging({ decay: 0.9 });
    const [plain, often]: [number[], number[]] = [[], []];
    await train({ maxEpochs: 2, callbacks: [ema(), noting(plain)] });
    await train({ name: "often", maxEpochs: 2, valCheckInterval: 3, callbacks: [ema(), noting(often)] });
    expect(often).toEqual(plain);
  });

  const options = {
    maxEpochs: 3,
    valCheckInterval: 3,
    accumulateGradBatches: 2,
    scheduler: { type: "plateau" as const },
  };
  const callbacks = () => [
    new ModelCheckpoint({ monitor: "val_loss" }),
    new EarlyStopping({ monitor: "val_loss", patience: 100 }),
    new EMAWeightAveraging({ decay: 0.9 }),
  ];

  // The stops: before, at and after the batch of a validation, during one, and at the end of an epoch.
  test.each([2, 3, 4, 9, 10, 13])(
    "resumes after batch %i with the same result as an uninterrupted run",
    async (batch) => {
      const whole = await train({ ...options, name: "whole", callbacks: callbacks() });
      let seen = 0;
      const stop: Callback = {
        onTrainBatchEnd: (context) => void (++seen === batch && context.stop("interrupted")),
      };
      expect((await train({ ...options, callbacks: [...callbacks(), stop] })).stopped).toBe("interrupted");
      const resumed = await train({ ...options, resume: "auto", callbacks: callbacks() });
      expect(resumed.history).toEqual(whole.history);
      expect(resumed.weights).toEqual(whole.weights);
      expect(validations()).toEqual(validations("whole"));
    },
  );

  test("repeats an interrupted validation after resuming", async () => {
    const whole = await train({ ...options, name: "whole", callbacks: callbacks() });
    let seen = 0;
    const stop: Callback = {
      onValidationStart: (context) => void (++seen === 2 && context.stop("interrupted")),
    };
    const { history } = await train({ ...options, callbacks: [...callbacks(), stop] });
    expect(history).toHaveLength(1);
    const resumed = await train({ ...options, resume: "auto", callbacks: callbacks() });
    expect(resumed.history).toEqual(whole.history);
    expect(resumed.weights).toEqual(whole.weights);
  });
});

test("rejects lengths that contradict each other, before a folder is made", async () => {
  const refusal = (options: TrainerOptions) => train(options).then(String, (error: Error) => error.message);
  expect(await refusal({ valCheckInterval: 11 })).toBe(
    "Trainer: valCheckInterval: is 11 batches, but an epoch has 10, so nothing would be validated; give at most 10, " +
      "a share of an epoch, or `checkValEveryNEpoch: null` to count batches across epochs",
  );
  expect(await refusal({ checkValEveryNEpoch: null })).toBe(
    "Trainer: checkValEveryNEpoch: is null, which counts batches across epochs: give their number as `valCheckInterval`, over 1; found null",
  );
  expect(await refusal({ valCheckInterval: 0.5, limitValBatches: 0 })).toBe(
    "Trainer: valCheckInterval: asks for validations, but `limitValBatches` is 0, which validates nothing; leave one of them out; found 0.5",
  );
  expect(await refusal({ valCheckInterval: 2.5 })).toMatch(
    /^Trainer: valCheckInterval: must be a share of an epoch, above 0 and up to 1, or a whole number of batches/,
  );
  expect(await refusal({ maxSteps: 0 })).toMatch(/^Trainer: maxSteps: /);
  expect(() => eventsOf()).toThrow("ENOENT");
});
