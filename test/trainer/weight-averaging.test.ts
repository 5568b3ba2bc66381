import { beforeEach, expect, test, vi } from "vitest";
import { ModelCheckpoint } from "../../lib/callbacks/model-checkpoint";
import { EMAWeightAveraging } from "../../lib/callbacks/weight-averaging";
import { memory, tf } from "../../lib/engine";
import type { Callback } from "../../lib/protocols/callback";
import { readSafetensors } from "../../lib/trainer/checkpoint/safetensors";
import { Trainer } from "../../lib/trainer/trainer";
import { newFolder } from "../new-folder";
import { Toy } from "./toy";

let dir: string;
beforeEach(() => {
  dir = newFolder();
});

const options = {
  batchSize: 5,
  maxEpochs: 3,
  stepsPerEpoch: 4,
  optimizer: { lr: 0.3 },
  gradientClipVal: 100,
};

/** Records the toy's weight after every step, and during validations. */
function watching(toy: Toy) {
  const [steps, validated]: [number[], number[]] = [[], []];
  const now = () => toy.weight.dataSync()[0]!;
  const callback: Callback = {
    onTrainBatchEnd: () => void steps.push(now()),
    onValidationEnd: () => void validated.push(now()),
  };
  return { steps, validated, callback };
}

/** Computes the average by its definition: d^(n-1) w_1 + (1 - d) sum over t > 1 of d^(n-t) w_t. */
const average = (weights: readonly number[], d: number) =>
  weights.reduce((sum, w, t) => sum + (t === 0 ? 1 : 1 - d) * d ** (weights.length - 1 - t) * w, 0);
const valueIn = (path: string, name: string) => readSafetensors(path).tensors.get(name)!.values[0]!;

test("validates, saves and loads the average, and trains without it", async () => {
  const [toy, plain] = [new Toy(), new Toy()];
  const { steps, validated, callback } = watching(toy);
  const alone = watching(plain);
  await new Trainer({ ...options, dir, name: "plain", callbacks: [alone.callback] }).fit(plain);
  const before = memory().tensors;
  const saving = new ModelCheckpoint({ monitor: "val_loss", saveTopK: 3 });
  const callbacks = [new EMAWeightAveraging({ decay: 0.8 }), callback, saving];
  const run = await new Trainer({ ...options, dir, callbacks }).fit(toy);
  expect(memory().tensors, "the averages are given back").toBeLessThanOrEqual(before + 1);

  expect(steps, "training is not touched").toEqual(alone.steps);
  const expected = [4, 8, 12].map((taken) => average(steps.slice(0, taken), 0.8));
  validated.forEach((weight, epoch) => {
    expect(weight).toBeCloseTo(expected[epoch]!, 5);
    expect(weight).not.toBeCloseTo(steps[4 * epoch + 3]!, 2);
    // The toy's data: x from -2 to 2, y = 2 x.
    expect(run.history[epoch]!.val_loss).toBeCloseTo(2 * (expected[epoch]! - 2) ** 2, 4);
  });
  expect(toy.weight.dataSync()[0]).toBe(validated[2]);

  const { path } = run.kept.best!;
  const best = validated.indexOf(valueIn(path, "head.weight"));
  expect(saving.kept[0]!.score).toBe(Math.min(...run.history.map(({ val_loss }) => val_loss as number)));
  expect(run.history[best]!.val_loss).toBe(saving.kept[0]!.score);
  expect(valueIn(path, "current.head.weight")).toBe(steps[4 * best + 3]);
  toy.weight.assign(tf.scalar(0));
  run.load("best");
  expect(toy.weight.dataSync()[0]).toBe(validated[best]);
  tf.dispose([toy.weight, plain.weight]);
});

test("updates every few steps from a step on, and uses the weights themselves until then", async () => {
  const toy = new Toy();
  const { steps, validated, callback } = watching(toy);
  const averaging = new EMAWeightAveraging({ decay: 0.5, updateEveryNSteps: 3, updateStartingAtStep: 5 });
  await new Trainer({ ...options, dir, callbacks: [averaging, callback] }).fit(toy);
  expect(validated[0]).toBe(steps[3]);
  expect(validated[1]).toBe(steps[6]);
  expect(validated[2]).toBeCloseTo(average([steps[6]!, steps[9]!], 0.5), 5);
  toy.dispose();
});

test("does not average a skipped step", async () => {
  vi.spyOn(console, "warn").mockImplementation(() => {});
  const toy = new Toy(2, 1);
  const { steps, validated, callback } = watching(toy);
  const callbacks = [new EMAWeightAveraging({ decay: 0.5 }), callback];
  await new Trainer({ ...options, maxEpochs: 1, dir, callbacks }).fit(toy);
  expect(steps[2]).toBe(steps[1]);
  expect(validated[0]).toBeCloseTo(average([steps[0]!, steps[1]!, steps[3]!], 0.5), 5);
  vi.restoreAllMocks();
  toy.dispose();
});

test("resumes a run that began without averaging, and cleans up after a failed fit", async () => {
  const toy = new Toy();
  await new Trainer({ ...options, maxEpochs: 1, dir, callbacks: [new ModelCheckpoint()] }).fit(toy);
  const { steps, validated, callback } = watching(toy);
  const averaging = new EMAWeightAveraging({ decay: 0.5 });
  const more = { ...options, maxEpochs: 2, dir, resume: "auto" };
  await new Trainer({ ...more, callbacks: [averaging, callback, new ModelCheckpoint()] }).fit(toy);
  expect(validated[0]).toBeCloseTo(average(steps, 0.5), 5);
  const before = memory().tensors;
  const failing: Callback = {
    onTrainBatchEnd: () => {
      throw new Error("out of ink");
    },
  };
  const fails = new Trainer({ ...options, dir, name: "fails", callbacks: [averaging, failing] }).fit(toy);
  await expect(fails).rejects.toThrow("out of ink");
  expect(memory().tensors).toBe(before);
  toy.dispose();
});

test("rejects invalid options", () => {
  expect(() => new EMAWeightAveraging({ decay: 1, every: 2 } as never)).toThrow(
    /^EMAWeightAveraging:\n {2}- (decay|unknown key)/,
  );
});
