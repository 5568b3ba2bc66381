import { expect, test } from "vitest";
import { alignFixations, alignLike, noiseCorrelations, psth } from "../../lib/metrics/fixation-responses";

/** Three trials of four bins and two units; the eye leaves the fixation point in the last bin of trial 7. */
const input = {
  trialInds: [5, 5, 5, 5, 7, 7, 7, 7, 9, 9, 9, 9],
  psthInds: [0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3],
  robs: [1, 2, 0, 1, 3, 3, 2, 0, 2, 1, 1, 0, 4, 5, 9, 9, 0, 0, 2, 2, 2, 1, 1, 1],
  eyepos: [0, 0, 0.1, 0, 0, 0.2, 0, 0, 0.3, 0, 0, 0, 0, 0, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0.1],
  units: 2,
};
const options = { minBins: 2 };

test("aligns counts by trial and bin, and leaves out bins without fixation", () => {
  const { trials, bins, durations, responses } = alignFixations(input, options);
  expect({ trials, bins, durations }).toEqual({ trials: [5, 7, 9], bins: 4, durations: [4, 3, 4] });
  expect([...responses.subarray(8, 16)]).toEqual([2, 1, 1, 0, 4, 5, Number.NaN, Number.NaN]);
});

test("leaves out short trials, repeated trials, and bins that do not count for a unit", () => {
  expect(alignFixations(input, { minBins: 3 }).trials).toEqual([5, 9]);
  expect(alignFixations(input, { radius: 0.25, ...options }).durations).toEqual([4, 4]);
  const twice = {
    ...input,
    trialInds: [...input.trialInds, 11, 11, 11, 11],
    psthInds: [...input.psthInds, 0, 1, 2, 3],
    robs: [...input.robs, ...input.robs.slice(0, 8)],
    eyepos: [...input.eyepos, ...input.eyepos.slice(0, 8)],
  };
  expect(alignFixations(twice, options).trials).toEqual([5, 7, 9]);
  const dfs = input.robs.map((_, i) => Number(i !== 0));
  expect([...alignFixations({ ...input, dfs }, options).responses.subarray(0, 2)]).toEqual([Number.NaN, 2]);
});

test("arranges rates like the counts, with NaN where a count is unknown", () => {
  const dfs = input.robs.map((_, i) => Number(i !== 0));
  const rates = input.robs.map((_, i) => i / 10);
  const aligned = alignFixations({ ...input, dfs }, { minBins: 3 });
  const { trials, responses } = alignLike(aligned, rates);
  expect(trials).toEqual([5, 9]);
  // The rows of trials 5 and 9; the first count of unit 1 does not count.
  expect([...responses]).toEqual([Number.NaN, ...rates.slice(1, 8), ...rates.slice(16)]);
});

test("computes the mean over trials of each bin", () => {
  expect([...psth(alignFixations(input, options))]).toEqual([1, 1, 1, 1, 3, 3, 1.5, 0.5]);
});

test("computes noise correlations from deviations within bins, pooled over bins", () => {
  const [aa, ab, ba, bb] = noiseCorrelations(alignFixations(input, options));
  // By hand, the sums over the deviations of each bin.
  const [a, b, product] = [2 + 2 + 2 + 0.5, 2 + 2 + 8 + 0.5, 1 + 1 + 4 - 0.5];
  expect(ab).toBeCloseTo(product / Math.sqrt(a * b), 10);
  expect(ba).toBe(ab);
  expect([aa, bb]).toEqual([Number.NaN, Number.NaN]);
  const quiet = { ...input, robs: input.robs.map((count, i) => (i % 2 === 0 ? 1 : count)) };
  expect([...noiseCorrelations(alignFixations(quiet, options))]).toEqual(new Array(4).fill(Number.NaN));
});
