import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openRun } from "../../../lib/evaluation/report/open-run";
import { newFolder } from "../../new-folder";

const STEP = { time: 1, event: "step", epoch: 0, step: 1, train_loss: 0.5, lr: 0.1, samples_per_s: 9 };

function runWith(files: Record<string, string>): string {
  const folder = join(newFolder(), "run");
  mkdirSync(folder);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

test.each([
  "null",
  "3",
  '"text"',
  "[]",
  "{}",
  '{"event":"step","step":"<b>","epoch":0}',
  '{"event":',
  '{"event":"fit_start","name":"a"}',
  '{"event":"checkpoint","path":"a","epoch":0,"step":1,"monitor":3}',
  '{"event":"picture","name":[],"path":"a"}',
])("leaves out the line %s of events.jsonl and counts it", (line) => {
  const events = `${JSON.stringify(STEP)}\n${line}\n${JSON.stringify({ ...STEP, step: 2 })}\n`;
  const run = openRun(runWith({ "events.jsonl": events }));
  expect([run.events.length, run.unreadable]).toEqual([2, 1]);
  expect(run.curves.get("train_loss")).toEqual({ x: [1, 2], y: [0.5, 0.5] });
});

test("reports the line at which a run's config.yaml is not YAML", () => {
  const folder = runWith({ "events.jsonl": "", "config.yaml": "trainer:\n  name: [a\n" });
  expect(() => openRun(folder)).toThrow(`${join(folder, "config.yaml")}: line 3, column 1: not valid YAML:`);
});

test.each(["null\n", "3\n", "- a\n"])("says that config.yaml must be a mapping, not %j", (text) => {
  const folder = runWith({ "events.jsonl": "", "config.yaml": text });
  expect(() => openRun(folder)).toThrow(
    `${join(folder, "config.yaml")}: must be a mapping, as the run wrote it; put that file back, or remove it`,
  );
});
