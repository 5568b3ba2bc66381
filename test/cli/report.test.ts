import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runFolder } from "../../lib/cli/recorded-run";
import { newFolder } from "../new-folder";

let dir: string;
beforeEach(() => {
  dir = newFolder();
  process.chdir(dir);
});
const before = process.cwd();
afterEach(() => {
  process.chdir(before);
});

function makeRun(path: string): void {
  mkdirSync(join(dir, path), { recursive: true });
  writeFileSync(join(dir, path, "events.jsonl"), "");
}

test("finds a run by its path or its name in runs/ and checkpoints/", () => {
  makeRun("runs/both");
  makeRun("checkpoints/both");
  makeRun("checkpoints/first");
  makeRun("elsewhere/mine");
  const found = ["both", "checkpoints/both", "first", "runs/first", "runs/first/", "elsewhere/mine"];
  expect(found.map(runFolder)).toEqual([
    "runs/both",
    "checkpoints/both",
    "checkpoints/first",
    "checkpoints/first",
    "checkpoints/first",
    "elsewhere/mine",
  ]);
});

test("lists the existing runs and the folders in which it looked", () => {
  makeRun("runs/a");
  makeRun("checkpoints/b");
  expect(() => runFolder("runs/first")).toThrow(
    "gradbook report: runs/first: no run in runs/first, checkpoints/first; available: runs/a, checkpoints/b",
  );
});
