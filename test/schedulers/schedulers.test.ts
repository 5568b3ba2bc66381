import fc from "fast-check";
import { expect, test } from "vitest";
import { makeSchedule, schedulers } from "../../lib/schedulers";

const types = Object.keys(schedulers) as (keyof typeof schedulers)[];

test("every rate lies between 0 and the base rate, whatever the lengths", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...types),
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 0, max: 70 }),
      fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { maxLength: 60 }),
      (type, maxEpochs, warmupEpochs, losses) => {
        const schedule = makeSchedule({ type, warmupEpochs });
        for (let epoch = 0; epoch < maxEpochs; epoch++) {
          const lr = schedule({ epoch, baseLr: 0.01, maxEpochs, losses });
          expect(lr).toBeGreaterThanOrEqual(0);
          expect(lr).toBeLessThanOrEqual(0.01);
        }
      },
    ),
  );
});

test("plateau counts only epochs before the one that is asked for", () => {
  const losses = [1, 1, 1, 1, 1, 1];
  const rates = losses.map((_, epoch) =>
    makeSchedule({ type: "plateau" })({ epoch, baseLr: 1, maxEpochs: 6, losses }),
  );
  expect(rates).toEqual([1, 1, 1, 1, 1, 0.5]);
});
