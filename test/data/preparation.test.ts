import { expect, test } from "vitest";
import { splitTrials } from "../../lib/data/split-trials";

test("puts every trial into one split, with the same result for the same seed", () => {
  const trials = Int32Array.from({ length: 400 }, (_, t) => Math.floor(t / 20));
  const valid = Int32Array.from({ length: 380 }, (_, t) => t + 20);
  const split = (seed: number) => splitTrials(trials, valid, { share: 0.8, seed });
  const { train, validation } = split(1);
  const of = (frames: Int32Array) => new Set([...frames].map((t) => trials[t]));
  expect([of(train).size, of(validation).size]).toEqual([15, 4]);
  expect([...of(train)].filter((trial) => of(validation).has(trial))).toEqual([]);
  expect(train.length + validation.length).toBe(380);
  expect(split(1)).toEqual({ train, validation });
  expect(split(2)).not.toEqual({ train, validation });
});
