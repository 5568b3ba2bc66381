import { execFileSync } from "node:child_process";
import { readFileSync, symlinkSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { newFolder } from "../new-folder";

const EXAMPLES = ["csv-classifier.mts", "autoencoder.mts", "lstm.mts"].map((name) => join("examples", name));

/** Runs an example in its own folder. @returns its output, on one line */
function ran(example: string): string {
  const cwd = newFolder();
  symlinkSync(resolve("notebooks"), join(cwd, "notebooks"));
  const args = [resolve("node_modules/tsx/dist/cli.mjs"), resolve(example)];
  const env = { ...process.env, TSX_TSCONFIG_PATH: resolve("tsconfig.json"), NO_COLOR: "1" };
  return execFileSync(process.execPath, args, { cwd, env, encoding: "utf8" }).replace(/\s+/g, " ");
}
const numberAfter = (text: string, name: string) =>
  Number(new RegExp(`${name}:? (-?[\\d.e-]+)`).exec(text)?.[1]);

test("the CSV classifier recognizes digits that it was not trained on, and its weights load into a new model", () => {
  const output = ran(EXAMPLES[0]!);
  expect(numberAfter(output, "test_accuracy")).toBeGreaterThan(0.9);
  expect(output).toMatch(/the first ten digits: \[ (\d,? ?){10}/);
  const lines = readFileSync(EXAMPLES[0]!, "utf8").split("\n");
  expect(lines.filter((line) => line.trim() !== "").length).toBeLessThanOrEqual(30);
}, 60_000);

test("the autoencoder reconstructs pixels", () => {
  // The pixels' own spread around their means is 0.27 of the gray range.
  expect(numberAfter(ran(EXAMPLES[1]!), "pixels are off by")).toBeLessThan(0.17);
}, 60_000);

test("the LSTM predicts the part of a series that it has not seen", () => {
  const output = ran(EXAMPLES[2]!);
  expect(numberAfter(output, "test_r2")).toBeGreaterThan(0.95);
  expect(numberAfter(output, "test_correlation")).toBeGreaterThan(0.97);
}, 60_000);

test("the guide shows every line of the tested examples", () => {
  const page = readFileSync("docs/own-models.md", "utf8");
  const blocks = [...page.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code!);
  const sources = EXAMPLES.map((path) => readFileSync(path, "utf8"));
  expect(blocks.filter((block) => !sources.some((source) => source.includes(block)))).toEqual([]);
  const shown = new Set(blocks.flatMap((block) => block.split("\n")));
  const hidden = sources.flatMap((source) => source.split("\n").filter((line) => !shown.has(line)));
  expect(hidden).toEqual([]);
});
