import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { newFolder } from "../new-folder";
import { testPython } from "../python/python";
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

test("predict writes the rates of a movie as numpy reads them, from rows first or columns first", () => {
  const python = (code: string) => execFileSync(testPython, ["-c", code], { cwd: dir, encoding: "utf8" });
  python(`
import numpy as np
movie = np.random.default_rng(0).integers(0, 256, (700, 17, 17), dtype=np.uint8)
np.save("rows.npy", movie)
np.save("columns.npy", np.asfortranarray(movie))
np.save("numbers.npy", (movie.astype(np.float64) - 127) / 255)
np.save("integers.npy", movie.astype(np.int16))`);
  const predict = (file: string, ...options: string[]) =>
    gradbook("predict", run, "--stimulus", join(dir, file), "--out", join(dir, `rates-${file}`), ...options);
  const said = predict("rows.npy");
  expect(said).toBe(
    `${join(dir, "rates-rows.npy")}: rates of 700 frames and 24 units (24 of luke_2031-03-01), in spikes per bin\n`,
  );
  predict("columns.npy");
  predict("numbers.npy");
  predict("rows.npy", "--out", join(dir, "two.npy"), "--session", "luke_2031-03-01", "--units", "7,3");
  const shown = python(`
import numpy as np
rows, columns, numbers, two = [np.load(f) for f in ("rates-rows.npy", "rates-columns.npy", "rates-numbers.npy", "two.npy")]
print(rows.shape, rows.dtype, np.abs(rows - columns).max(), np.abs(rows - numbers).max() < 1e-6, np.array_equal(two, rows[:, [6, 2]]))`);
  expect(shown).toBe("(700, 24) float32 0.0 True True\n");
  expect(() => predict("integers.npy")).toThrow(
    "integers.npy: holds integers that are not bytes; give uint8 grey levels, or normalised floating-point numbers",
  );
});
