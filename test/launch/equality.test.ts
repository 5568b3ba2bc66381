import { describe, expect, test } from "vitest";
import { tf } from "../../lib/engine";
import type { TrainerOptions } from "../../lib/trainer/options";
import { Trainer } from "../../lib/trainer/trainer";
import { newFolder } from "../new-folder";
import { ALL, EqualityModule, type EqualityOptions } from "./equality-module";

const dir = newFolder();

const STEPS = 20;
let runs = 0;

/** Trains twenty steps, each of them an epoch. Returns all losses and metrics, and the final weights. */
async function train(processes: number, options: EqualityOptions, more: TrainerOptions = {}) {
  const module = new EqualityModule(options);
  const trainer = new Trainer({
    dir,
    name: `run-${runs++}`,
    maxEpochs: STEPS,
    stepsPerEpoch: 1,
    optimizer: { lr: 1e-3 },
    devices: processes,
    batchSize: ALL / processes,
    limitValBatches: 2,
    ...more,
  });
  const run = await trainer.fit(module);
  const weights = new Map(
    module.parameters.map(({ name, variable }) => [name, Array.from(variable.dataSync())] as const),
  );
  module.dispose();
  return { run, weights };
}

/**
 * Returns the largest relative difference of the losses, and the relative difference of all weights together. Single
 * weights would not be informative: Adam divides by the size of the gradient, so a weight with a tiny gradient moves by
 * rounding errors, as it does in one process that takes the samples in another order.
 */
function differences(one: Awaited<ReturnType<typeof train>>, several: typeof one) {
  const losses = one.run.history.map(({ train_loss }, i) =>
    Math.abs(several.run.history[i]!.train_loss / train_loss - 1),
  );
  let [difference, size] = [0, 0];
  for (const [name, values] of one.weights) {
    const others = several.weights.get(name)!;
    values.forEach((value, i) => {
      difference += (value - others[i]!) ** 2;
      size += value ** 2;
    });
  }
  return { losses: Math.max(...losses), weights: Math.sqrt(difference / size) };
}

const MIXED: EqualityOptions = { sessions: "mixed", sides: 1, broken: false };
const CASES: [string, (processes: number) => EqualityOptions][] = [
  ["mixed batches", () => MIXED],
  ["a session on one rank only", (n) => ({ ...MIXED, sessions: "one side only", sides: n })],
  ["batches of one session each", () => ({ ...MIXED, sessions: "one each batch" })],
  ["a loss that is not finite on one rank", () => ({ ...MIXED, broken: true })],
];

const ACCUMULATING: TrainerOptions = { accumulateGradBatches: 2 };

describe.each([2, 3, 4])("%i processes train like one process with the whole batch", (n) => {
  test.each(CASES)("%s", async (_, options) => {
    const one = await train(1, options(n));
    const several = await train(n, options(n));
    expect(several.run.history).toHaveLength(STEPS);
    const { losses, weights } = differences(one, several);
    expect(losses).toBeLessThan(1e-5);
    expect(weights).toBeLessThan(1e-5);
  });
});

test("equals one process with gradients accumulated over batches", async () => {
  const [one, several] = [await train(1, MIXED, ACCUMULATING), await train(3, MIXED, ACCUMULATING)];
  const { losses, weights } = differences(one, several);
  expect(losses).toBeLessThan(1e-5);
  expect(weights).toBeLessThan(1e-5);
});

test("computes exactly the validation metrics of one process and counts each sample once", async () => {
  // With a negligible learning rate, all validations see the same weights.
  const still = { maxEpochs: 1, limitValBatches: 1, optimizer: { lr: 1e-30 } };
  const one = await train(1, MIXED, still);
  for (const n of [2, 3, 4]) {
    const several = await train(n, MIXED, still);
    const { train_loss: _, ...metrics } = several.run.history[0]!;
    const { train_loss: __, ...expected } = one.run.history[0]!;
    expect(metrics, `${n} processes`).toEqual(expected);
  }
});

test.each([
  ["sgd with momentum", () => ({ type: "sgd", lr: 1e-2, momentum: 0.9 })],
  ["tf.train.momentum", () => tf.train.momentum(1e-2, 0.9)],
] as [string, () => NonNullable<TrainerOptions["optimizer"]>][])(
  "two processes step with %s like one process",
  async (_, make) => {
    const [one, two] = [
      await train(1, MIXED, { optimizer: make() }),
      await train(2, MIXED, { optimizer: make() }),
    ];
    const { losses, weights } = differences(one, two);
    expect(losses).toBeLessThan(1e-5);
    expect(weights).toBeLessThan(1e-5);
  },
);

test("rejects a function as optimizer for several processes, before anything starts", async () => {
  const refused = train(2, MIXED, { optimizer: () => ({ update() {} }) });
  await expect(refused).rejects.toThrow(
    "Trainer.fit: optimizer: a function serves this process only: the 2 workers are other processes, where definitions of this one " +
      "(in a notebook's cell, or in the script itself) do not exist. Export it from a module, made with defineOptimizer, " +
      'and give `{ type: "./file.ts#name" }`',
  );
});
