import { expect, test } from "vitest";
import { applyFilters } from "../../lib/data/filters";
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

test("keeps every static image whose trial has one frame with valid_nlags 0 and 1, and all valid frames with 0", () => {
  const counted = (n_lags: number) => {
    const input = { frames: 8, trialInds: [0, 1, 2, 2, 2, 3, 4, 4], dpiValid: [1, 1, 1, 1, 1, 0, 1, 1] };
    return [...applyFilters(input, [{ valid_nlags: n_lags }], "session.yaml").dfs];
  };
  expect(counted(0)).toEqual([1, 1, 1, 1, 1, 0, 1, 1]);
  expect(counted(1)).toEqual([1, 1, 0, 1, 1, 0, 0, 1]);
  expect(counted(2)).toEqual([0, 0, 0, 0, 1, 0, 0, 0]);
});
