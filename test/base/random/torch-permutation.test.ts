import { expect, test } from "vitest";
import { torchPermutation } from "../../../lib/base/random/torch-permutation";

test("draws the permutations of torch.randperm in PyTorch 2.9", () => {
  expect([...torchPermutation(0, 1)]).toEqual([]);
  expect([...torchPermutation(1, 1)]).toEqual([0]);
  expect([...torchPermutation(10, 0)]).toEqual([4, 1, 7, 5, 3, 9, 0, 8, 6, 2]);
  expect([...torchPermutation(10, 1002)]).toEqual([7, 5, 1, 0, 8, 2, 6, 3, 4, 9]);
  const long = [...torchPermutation(1000, 1002)];
  expect(long.slice(0, 5)).toEqual([487, 293, 987, 414, 728]);
  expect(long.slice(-5)).toEqual([453, 923, 200, 143, 866]);
});

test("drops the bits of a seed that PyTorch drops", () => {
  expect([...torchPermutation(10, 5e9)]).toEqual([0, 4, 6, 7, 2, 3, 9, 8, 5, 1]);
});
