import { expect, test } from "vitest";
import { z } from "zod";
import { ConfigError, check, notOneOf } from "../../../lib/base/config";
import { briefJson } from "../../../lib/base/config/errors";

const error = (problems: { path: string; message: string }[], where = "model.yaml") =>
  new ConfigError(where, problems).message;

test("does not echo a word of a megabyte", () => {
  const word = "x".repeat(1e6);
  expect(error([{ path: "type", message: notOneOf(word, ["cnn", "resnet"]) }])).toBe(
    `model.yaml: type: "${"x".repeat(99)}… (1000002 characters)" is not one of: cnn, resnet`,
  );
  expect(error([{ path: word, message: "unknown" }], word).length).toBeLessThan(500);
});

test("shows the beginning and the end of a long list, and counts many problems", () => {
  const units = Array.from({ length: 300_000 }, (_, i) => i).join(", ");
  const text = error([{ path: "cids", message: `the file has no unit 300000; it has ${units}` }]);
  expect(text).toMatch(
    /^model\.yaml: cids: the file has no unit 300000; it has 0, 1, .* … \(\d+ characters left out\) … .*, 299999$/,
  );
  expect(text.length).toBeLessThan(2200);
  const many = Array.from({ length: 1000 }, (_, i) => ({ path: `a${i}`, message: "unknown" }));
  expect(error(many).split("\n")).toHaveLength(52);
  expect(error(many)).toMatch(/ {2}- a49: unknown\n {2}- and 950 more problems$/);
});

test("shows a value as JSON of bounded length, and reads only the part that it shows", () => {
  expect(briefJson({ a: [1, "two", null, Number.NaN], b: { c: true } })).toBe(
    '{"a":[1,"two",null,NaN],"b":{"c":true}}',
  );
  let inner: unknown = "x";
  for (let i = 0; i < 60; i++) inner = Array(9).fill(inner);
  const began = performance.now();
  expect(() => check(z.strictObject({ type: z.string() }), { type: inner }, "model.yaml")).toThrow(
    `model.yaml: type: invalid input: expected string, received array; found ${"[".repeat(60)}"x","x"`,
  );
  expect(performance.now() - began).toBeLessThan(1000);
});
