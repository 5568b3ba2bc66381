import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { makeSchedule, type SchedulerOptions } from "../../../lib/trainer/schedulers/config";
import type { ScheduleState } from "../../../lib/trainer/schedulers/schedule";
import { Trainer } from "../../../lib/trainer/trainer";
import { newFolder } from "../../new-folder";
import { Toy } from "../toy";

const STEPS = 4;
/** The state before the first step of an epoch. */
const at = (epoch: number, more: Partial<ScheduleState> = {}): ScheduleState => {
  const maxEpochs = more.maxEpochs ?? 10;
  const steps = { step: epoch * STEPS, stepsPerEpoch: STEPS, maxSteps: maxEpochs * STEPS };
  return { epoch, baseLr: 0.01, maxEpochs, ...steps, ...more };
};

const TYPES = [
  { type: "none" },
  { type: "step" },
  { type: "plateau" },
  { type: "cosine" },
  { type: "cosine", interval: "step" },
  { type: "cosine_warmup" },
  { type: "cosine_warmup", interval: "step" },
  { type: "cosine_warmup_restart" },
  { type: "cosine_warmup_restart", interval: "step" },
  { type: "one_cycle" },
] as const satisfies SchedulerOptions[];

test("keeps every rate between 0 and the base rate, for all lengths", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...TYPES),
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 0, max: 70 }),
      fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { maxLength: 60 }),
      (type, maxEpochs, warmupEpochs, losses) => {
        const warm = type.type.startsWith("cosine_warmup") ? { ...type, warmupEpochs } : type;
        const schedule = makeSchedule(warm as SchedulerOptions);
        for (let step = 0; step < maxEpochs * STEPS; step++) {
          const lr = schedule(at(Math.floor(step / STEPS), { step, maxEpochs, losses }));
          expect(lr).toBeGreaterThanOrEqual(0);
          expect(lr).toBeLessThanOrEqual(0.01 + 1e-12);
        }
      },
    ),
  );
});

test("counts only earlier epochs for a plateau", () => {
  const losses = [1, 1, 1, 1, 1, 1];
  const rates = losses.map((_, epoch) =>
    makeSchedule({ type: "plateau" })(at(epoch, { baseLr: 1, maxEpochs: 6, losses })),
  );
  expect(rates).toEqual([1, 1, 1, 1, 1, 0.5]);
});

interface OneCycle {
  name: string;
  max_lr: number;
  total_steps: number;
  options: {
    pct_start?: number;
    anneal_strategy?: "cos" | "linear";
    div_factor?: number;
    final_div_factor?: number;
    three_phase?: boolean;
  };
  lr: number[];
}
const golden = JSON.parse(readFileSync(join(__dirname, "golden", "one_cycle.json"), "utf8")) as OneCycle[];

test.each(golden)(
  "one_cycle has the rates of PyTorch's OneCycleLR: $name",
  ({ max_lr, total_steps, options, lr }) => {
    const schedule = makeSchedule({
      type: "one_cycle",
      pctStart: options.pct_start,
      annealStrategy: options.anneal_strategy,
      divFactor: options.div_factor,
      finalDivFactor: options.final_div_factor,
      threePhase: options.three_phase,
    });
    lr.forEach((expected, step) => {
      const found = schedule(at(0, { step, baseLr: max_lr, maxSteps: total_steps }));
      expect(Math.abs(found - expected), `step ${step}`).toBeLessThan(1e-12);
    });
  },
);

test("a cosine by steps equals the one by epochs at the start of each epoch, and the warm-up may be in steps", () => {
  for (const type of ["cosine", "cosine_warmup", "cosine_warmup_restart"] as const) {
    const [byEpochs, bySteps] = [makeSchedule({ type }), makeSchedule({ type, interval: "step" })];
    for (let epoch = 0; epoch < 10; epoch++) expect(bySteps(at(epoch))).toBeCloseTo(byEpochs(at(epoch)), 12);
    expect(bySteps(at(7, { step: 30 }))).toBeLessThan(byEpochs(at(7)));
  }
  const warm = makeSchedule({
    type: "cosine_warmup",
    interval: "step",
    warmupSteps: 6,
    warmupStartLr: 0.004,
  });
  const rates = [0, 3, 6, 40].map((step) => warm(at(Math.floor(step / STEPS), { step })));
  expect(rates).toEqual([0.004, 0.007, 0.01, 0].map((rate) => expect.closeTo(rate, 12)));
});

const refusal = (scheduler: unknown): string => {
  try {
    new Trainer({ scheduler: scheduler as SchedulerOptions });
  } catch (error) {
    return (error as Error).message;
  }
  return "accepted";
};

test.each([
  [
    { type: "cosin" },
    'Trainer: scheduler.type: "cosin" is not one of: none, step, plateau, cosine, cosine_warmup, cosine_warmup_restart, one_cycle (did you mean "cosine"?)',
  ],
  [
    { type: "none", warmupEpochs: 5 },
    'Trainer: scheduler: unknown key "warmupEpochs" is not one of: type; it is an option of cosine_warmup, cosine_warmup_restart',
  ],
  [
    { type: "one_cycle", pctStart: 1, etaMin: 0 },
    "Trainer:\n" +
      '  - scheduler: unknown key "etaMin" is not one of: type, pctStart, annealStrategy, divFactor, finalDivFactor, threePhase; it is an option of cosine_warmup, cosine_warmup_restart\n' +
      "  - scheduler.pctStart: too big: expected number to be <1; found 1",
  ],
  [
    { type: "cosine_warmup", warmupSteps: 10 },
    'Trainer: scheduler.warmupSteps: needs interval: "step", where the rate changes from step to step; found 10',
  ],
  [
    { type: "cosine_warmup", interval: "step", warmupSteps: 10, warmupEpochs: 1 },
    "Trainer: scheduler.warmupSteps: takes the place of warmupEpochs; leave one of them out; found 10",
  ],
  [
    "cosine",
    'Trainer: scheduler: must be an object such as { type: "cosine_warmup", warmupEpochs: 5 }, or a function of the training\'s state; found "cosine"',
  ],
  [() => 0.1, "accepted"],
])("checks %j", (scheduler, message) => {
  expect(refusal(scheduler)).toBe(message);
});

test("calls a function before every step with the state of the training", async () => {
  const asked: [number, number][] = [];
  const lrs: number[] = [];
  const module = new Toy();
  const how = { dir: newFolder(), batchSize: 5, maxEpochs: 2, stepsPerEpoch: 3, optimizer: { lr: 0.1 } };
  await new Trainer({
    ...how,
    scheduler: ({ epoch, step, baseLr, maxSteps }) => {
      asked.push([epoch, step]);
      return baseLr * (1 - step / maxSteps);
    },
    callbacks: [{ onTrainBatchEnd: ({ lr }) => void lrs.push(lr) }],
  }).fit(module);
  expect(asked).toEqual([[0, 0], [0, 1], [0, 2], [1, 3], [1, 4], [1, 5]]); // biome-ignore format: pairs
  expect(lrs).toEqual([6, 5, 4, 3, 2, 1].map((left) => expect.closeTo((0.1 * left) / 6, 12)));
  const broken = new Trainer({ ...how, overwrite: true, scheduler: () => Number.NaN });
  await expect(broken.fit(module)).rejects.toThrow(
    "Trainer: scheduler: returned NaN for step 0 of epoch 0; a learning rate is a number of 0 or more",
  );
  module.dispose();
});
