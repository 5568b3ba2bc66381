import { expect, test } from "vitest";
import { Random } from "../../lib/base/random";
import { randomUnit } from "../../lib/data/simulate/unit";
import {
  jacobian,
  mostExcitingInputs,
  mostInhibitingInputs,
  presentWindows,
  transferredRates,
  trueModel,
} from "../../lib/insilico";
import { some } from "../../lib/insilico/observer";
import { VIEW } from "./view";

const random = new Random(6, "units of many inputs");
const observer = trueModel(
  Array.from({ length: 130 }, (_, i) => randomUnit(i, 17, random)),
  VIEW,
);

test("finds the inputs of many units in parts, each for its own unit", async () => {
  const all = await mostExcitingInputs(observer, { steps: 3, seeds: 1 });
  expect(all.map(({ unit }) => unit)).toEqual(observer.units);
  const rates = await transferredRates(observer, all);
  const least = await mostInhibitingInputs(observer, { steps: 3, seeds: 1 });
  for (const [u, { rate, rates: own }] of all.entries()) {
    expect(own[u]).toBe(rate);
    expect(rates[u * 130 + u]).toBeCloseTo(rate, 5);
    expect(rate).toBeGreaterThan(least[u]!.rate);
  }
});

test("computes the gradient of a single unit", async () => {
  const [all, one] = [await jacobian(some(observer, [3, 4])), await jacobian(some(observer, [4]))];
  expect(one.rates[0]).toBe(all.rates[1]);
  expect(one.values).toEqual(all.values.slice(one.values.length));
});

test("compiles nothing for further seeds", async () => {
  const traced = async (seeds: number) => {
    let count = 0;
    const rates: typeof observer.rates = (contrast) => {
      count++;
      return observer.rates(contrast);
    };
    await mostExcitingInputs({ ...observer, rates }, { steps: 2, seeds });
    return count;
  };
  expect(await traced(3)).toBe(await traced(1));
});

test("a window of another size is an error", async () => {
  await expect(presentWindows(observer, { count: 2, values: new Float32Array(100) })).rejects.toThrow(
    "presentWindows: 2 windows have 100 values, but a window of the model has 11 × 17 × 17",
  );
});
