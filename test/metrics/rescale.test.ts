import { describe, expect, test } from "vitest";
import { rescaleRates } from "../../lib/metrics/rescale";

/** Rates, counts and valid bins of 40 bins of 4 units; unit 3 fires less where its rate is higher. */
const units = 4;
// biome-ignore format: a table
const rates = [
  [1542, 673, 223, 633],
  [672, 279, 1069, 216],
  [1628, 389, 474, 357],
  [209, 522, 1500, 1985],
  [461, 171, 463, 484],
  [676, 936, 285, 341],
  [856, 703, 174, 711],
  [549, 110, 349, 563],
  [692, 1110, 331, 595],
  [641, 434, 1681, 126],
  [1331, 360, 160, 332],
  [425, 1139, 903, 318],
  [20, 651, 204, 679],
  [798, 827, 109, 173],
  [1995, 551, 948, 868],
  [122, 672, 634, 684],
  [1360, 152, 197, 811],
  [1312, 977, 813, 450],
  [229, 356, 249, 393],
  [58, 263, 278, 1092],
  [1144, 1628, 375, 1046],
  [1125, 939, 134, 730],
  [194, 403, 783, 309],
  [127, 880, 101, 819],
  [327, 778, 183, 820],
  [349, 949, 520, 103],
  [99, 660, 148, 776],
  [422, 184, 611, 303],
  [227, 625, 731, 480],
  [665, 1210, 436, 63],
  [489, 350, 1217, 577],
  [685, 1613, 370, 389],
  [292, 257, 413, 539],
  [372, 739, 1058, 1704],
  [247, 292, 799, 667],
  [85, 810, 491, 717],
  [97, 670, 265, 456],
  [702, 185, 616, 1802],
  [839, 567, 463, 277],
  [552, 788, 942, 1362],
].flat().map((thousandths) => thousandths / 1000);
// biome-ignore format: a table
const robs = [
  [4, 0, 0, 0],
  [2, 2, 2, 3],
  [1, 0, 0, 1],
  [1, 0, 0, 0],
  [1, 0, 2, 0],
  [0, 1, 0, 1],
  [0, 0, 0, 1],
  [0, 0, 0, 2],
  [3, 1, 1, 1],
  [0, 1, 2, 1],
  [2, 0, 0, 1],
  [0, 0, 4, 1],
  [0, 1, 0, 1],
  [2, 0, 0, 2],
  [2, 0, 1, 2],
  [0, 3, 2, 1],
  [1, 0, 0, 0],
  [4, 1, 1, 1],
  [0, 0, 0, 0],
  [0, 0, 0, 1],
  [2, 0, 0, 0],
  [3, 1, 0, 1],
  [0, 0, 1, 1],
  [0, 1, 0, 1],
  [0, 1, 0, 1],
  [1, 2, 1, 1],
  [1, 2, 0, 0],
  [1, 1, 0, 0],
  [1, 1, 2, 2],
  [4, 0, 0, 0],
  [0, 1, 1, 0],
  [0, 1, 0, 0],
  [0, 3, 0, 0],
  [1, 1, 1, 0],
  [0, 1, 0, 0],
  [0, 0, 0, 0],
  [1, 0, 0, 0],
  [3, 1, 4, 0],
  [0, 0, 0, 0],
  [2, 0, 2, 0],
].flat();
// biome-ignore format: a table
const dfs = [
  [1, 1, 1, 1],
  [1, 1, 1, 1],
  [1, 1, 0, 1],
  [1, 1, 1, 1],
  [1, 1, 1, 1],
  [1, 1, 1, 1],
  [1, 1, 0, 1],
  [0, 1, 0, 1],
  [1, 0, 1, 1],
  [1, 1, 1, 1],
  [1, 1, 1, 1],
  [1, 0, 1, 1],
  [1, 1, 1, 1],
  [1, 1, 1, 1],
  [1, 1, 1, 1],
  [1, 1, 1, 1],
  [1, 1, 1, 1],
  [0, 1, 1, 1],
  [0, 1, 1, 0],
  [1, 0, 1, 1],
  [1, 0, 1, 1],
  [1, 1, 1, 1],
  [0, 1, 1, 1],
  [1, 1, 1, 1],
  [1, 1, 1, 1],
  [1, 1, 0, 1],
  [1, 1, 1, 1],
  [1, 0, 1, 0],
  [1, 1, 1, 1],
  [1, 1, 1, 0],
  [1, 1, 1, 1],
  [1, 0, 1, 1],
  [1, 1, 0, 1],
  [1, 1, 1, 1],
  [1, 1, 1, 1],
  [0, 1, 1, 1],
  [1, 1, 0, 1],
  [1, 1, 1, 1],
  [1, 1, 0, 1],
  [1, 1, 1, 1],
].flat();

const close = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 6));

describe("rescaleRates", () => {
  // From PyTorch's L-BFGS in double precision.
  test.each([
    ["gain", [1.75312416, 1.20815505, 1.36540279, 1.08038894], [0, 0, 0, 0]],
    ["affine", [1.39664464, 0.13621064, 1.36540279, 0], [0.22657838, 0.62629928, 0, 0.72972973]],
    ["global_gain", new Array(4).fill(1.34658247), [0, 0, 0, 0]],
    ["global_affine", new Array(4).fill(0.6638811), new Array(4).fill(0.42309803)],
  ] as const)("fits %s by the Poisson likelihood", (mode, gain, offset) => {
    const found = rescaleRates({ rates, robs, dfs, units }, mode);
    expect([...found.gain]).toEqual(close(gain));
    expect([...found.offset]).toEqual(close(offset));
    expect(found.rates[5]).toBeCloseTo(gain[1]! * rates[5]! + offset[1]!, 5);
  });

  test("leaves out bins that are not valid or not finite", () => {
    const clean = rescaleRates({ rates: [1, 1, 2, 2], robs: [2, 3, 4, 5], units: 2 }, "gain");
    const more = { rates: [1, 1, 2, 2, 9, 9, Number.NaN, 9], robs: [2, 3, 4, 5, 9, 1, 1, Number.NaN] };
    const found = rescaleRates({ ...more, dfs: [1, 1, 1, 1, 0, 0, 1, 1], units: 2 }, "gain");
    expect([...found.gain]).toEqual([...clean.gain]);
  });

  test("keeps the rates of a unit without a valid bin, and silences one without a spike", () => {
    const found = rescaleRates({ rates: [1, 1, 2, 2], robs: [1, 0, 1, 0], dfs: [0, 1, 0, 1], units: 2 });
    expect([[...found.gain], [...found.offset]]).toEqual([[1, 0], [0, 0]]); // biome-ignore format: two rows
    expect([...found.rates]).toEqual([1, 0, 2, 0]);
  });
});
