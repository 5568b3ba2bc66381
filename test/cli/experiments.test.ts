import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { newFolder } from "../new-folder";
import { MAIN } from "./gradbook";

const dir = newFolder();
const run = join(dir, "run");
const gradbook = (...words: string[]) =>
  execFileSync(process.execPath, [MAIN, ...words], { encoding: "utf8", stdio: "pipe" });

beforeAll(() => {
  const model = ["--model_config", "configs/models/quickstart.yaml"];
  const sessions = ["--dataset_configs_path", "configs/sessions/demo.yaml", "--max_datasets", "1"];
  const length = ["--max_epochs", "1", "--steps_per_epoch", "2"];
  gradbook("train", ...model, ...sessions, ...length, "--checkpoint_dir", dir, "--experiment_name", "run");
}, 60_000);

test.each([
  ["tuning", [], "F1/F0", 24],
  ["fields", ["--pictures", "2"], "x (°)", 24],
  ["inputs", ["--steps", "2", "--session", "luke_2031-03-01", "--units", "3,7", "--still"], "agreement", 2],
] as const)("%s prints a table, and writes its data and its figure", (name, options, column, units) => {
  const said = gradbook(name, run, ...options);
  expect(said).toContain(column);
  const [json, svg] = [`${name}.json`, `${name}.svg`].map((file) => join(run, "experiments", file)) as [
    string,
    string,
  ];
  expect(said).toContain(`all data: ${json}\nfigure: ${svg}`);
  const found = JSON.parse(readFileSync(json, "utf8")) as { checkpoint: string; units: { unit: string }[] };
  expect(found.units.length).toBe(units);
  expect(existsSync(join(run, "checkpoints", found.checkpoint))).toBe(true);
  expect(readFileSync(svg, "utf8")).toMatch(/^<svg/);
});

test("an experiment on an unknown session lists the sessions", () => {
  expect(() => gradbook("tuning", run, "--session", "luke")).toThrow(
    /twin: session: "luke" .*luke_2031-03-01/,
  );
});
