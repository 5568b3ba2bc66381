import { expect, test } from "vitest";
import { joinResponses, readResponses } from "../../lib/data/response-values";
import { arrayInMemory, type SourceArray } from "../../lib/data/source-array";

const place = { file: "a.h5", key: "noise/robs" };
/** A source of 2 columns in slices. */
const source = (...slices: ArrayLike<number>[]): SourceArray => ({
  shape: [slices.reduce((sum, { length }) => sum + length, 0) / 2, 2],
  whole: false,
  slices: () => slices,
});

test.each([
  ["counts up to 255", [Float64Array.of(0, 255), Int32Array.of(3, 4)], Uint8Array.of(0, 255, 3, 4)],
  ["larger counts in a later slice", [Uint8Array.of(1, 2), Int32Array.of(3, 256)], Uint16Array.of(1, 2, 3, 256)],
  ["counts over 65535", [Int32Array.of(1, 300), Int32Array.of(65536, 0)], Float32Array.of(1, 300, 65536, 0)],
  ["negative numbers", [Int32Array.of(1, 2), Int32Array.of(-1, 0)], Float32Array.of(1, 2, -1, 0)],
  ["fractions", [Float32Array.of(1, 0.5)], Float32Array.of(1, 0.5)],
  ["numbers that are not finite", [Float64Array.of(Number.NaN, Number.POSITIVE_INFINITY)], Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY)],
  ["no rows", [], new Uint8Array(0)],
] as const)("keeps %s in the smallest type that holds them exactly", (_, slices, expected) => {
  expect(readResponses(source(...slices), place)).toStrictEqual(expected);
}); // biome-ignore format: a table

test("returns values in memory unchanged when they have the smallest type already", () => {
  const values = Uint8Array.of(1, 2, 3, 4);
  expect(readResponses(arrayInMemory([2, 2], values, true), place)).toBe(values);
});

test("joins responses in the largest of their types", () => {
  const bytes = Uint8Array.of(1, 2);
  expect(joinResponses([bytes])).toBe(bytes);
  expect(joinResponses([bytes, Uint16Array.of(300)])).toStrictEqual(Uint16Array.of(1, 2, 300));
  expect(joinResponses([Float32Array.of(0.5), bytes])).toStrictEqual(Float32Array.of(0.5, 1, 2));
});

test("says how much memory is missing for responses that do not fit", () => {
  const huge = { shape: [2 ** 30, 2 ** 14], whole: true, slices: () => [Float32Array.of(0.5)] };
  expect(() => readResponses(huge, place)).toThrow(
    /^a\.h5: noise\/robs: needs 70\.4 TB of memory; the process uses [\d.]+ [MG]B, and [\d.]+ [MGT]B may be used\. Read fewer sessions or stimulus types \(`types`\), or leave the covariate out of the configuration$/,
  );
});
