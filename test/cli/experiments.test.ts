import { execFileSync } from "node:child_process";
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { newFolder } from "../new-folder";
import { testPython } from "../python/python";
import { MAIN } from "./gradbook";

/** One entry for each unit, or an object with such entries. */
type Data = unknown[] | { units: unknown[] };

const dir = newFolder();
const run = join(dir, "run");
const gradbook = (...words: string[]) =>
  execFileSync(process.execPath, [MAIN, ...words], { encoding: "utf8", stdio: "pipe" });

beforeAll(() => {
  const model = ["--model_config", "configs/models/quickstart.yaml"];
  const sessions = ["--dataset_configs_path", "configs/sessions/demo.yaml", "--max_datasets", "1"];
  const length = ["--max_epochs", "1", "--steps_per_epoch", "2"];
  const train = (name: string, ...more: string[]) =>
    gradbook(
      "train",
      ...model,
      ...sessions,
      ...length,
      "--checkpoint_dir",
      dir,
      "--experiment_name",
      name,
      ...more,
    );
  train("run");
  train("other", "--seed", "1");
}, 120_000);

const TWO = ["--session", "luke_2031-03-01", "--units", "3,7"];

test.each([
  ["tuning", [], "F1/F0", 24],
  ["fields", ["--pictures", "2"], "x (°)", 24],
  ["inputs", ["--steps", "2", ...TWO, "--still"], "agreement", 2],
  ["tuning", [...TWO, "--contrast", "--size"], "suppression", 2],
  ["inputs", [...TWO, "--goal", "diverse", "--steps", "2", "--count", "3"], "share of the most exciting", 6],
  ["ablation", [...TWO, "--pictures", "2", "--stage", "frontend"], "needs channel", 2],
  ["attribution", [...TWO, "--steps", "2"], "sum of shares", 2],
] as const)("%s prints a table, and writes its data and its figure", (name, options, column, units) => {
  const said = gradbook(name, run, ...options);
  expect(said).toContain(column);
  const [json, svg] = [`${name}.json`, `${name}.svg`].map((file) => join(run, "experiments", file)) as [
    string,
    string,
  ];
  expect(said).toContain(`all data: ${json}\nfigure: ${svg}`);
  const found = JSON.parse(readFileSync(json, "utf8")) as { checkpoint: string; units: Data };
  expect(Array.isArray(found.units) ? found.units.length : found.units.units.length).toBe(units);
  expect(existsSync(join(run, "checkpoints", found.checkpoint))).toBe(true);
  expect(readFileSync(svg, "utf8")).toMatch(/^<svg/);
});

test("inputs --goal contrastive drives chosen units of a session; metamers evoke the rates of a picture", () => {
  const read = () =>
    JSON.parse(readFileSync(join(run, "experiments", "inputs.json"), "utf8")).units as unknown;
  const said = gradbook("inputs", run, ...TWO, "--goal", "contrastive", "--steps", "2");
  expect(said.match(/ yes /g)?.length).toBe(2);
  expect(read()).toMatchObject({ targets: ["luke_2031-03-01 3", "luke_2031-03-01 7"] });
  expect(gradbook("inputs", run, ...TWO, "--goal", "metamers", "--steps", "2", "--count", "2")).toContain(
    "metamer 2",
  );
  expect(read()).toMatchObject({ picture: { rates: [expect.any(Number), expect.any(Number)] } });
  expect(() => gradbook("inputs", run, "--goal", "contrastive")).toThrow(
    "gradbook inputs: --goal: contrastive needs --session and --units: the units to drive, while the others of the session stay silent",
  );
});

test("an experiment on an unknown session lists the sessions", () => {
  expect(() => gradbook("tuning", run, "--session", "luke")).toThrow(
    /twin: session: "luke" .*luke_2031-03-01/,
  );
});

test("rejects options that are no numbers over 0", () => {
  for (const [option, value] of [
    ["--rms", "much"],
    ["--pixels_per_degree", "0"],
  ] as const)
    expect(() => gradbook("inputs", run, option, value)).toThrow(
      new RegExp(`option '${option} <.*' argument '${value}' is invalid. must be a number over 0.`),
    );
});

test("compare --experiments compares the units of two runs, and names a run that has no twin", () => {
  const none = join(dir, "none");
  cpSync(run, none, { recursive: true });
  rmSync(join(none, "checkpoints"), { recursive: true });
  const page = join(dir, "compare.html");
  const runs = [run, join(dir, "other"), none];
  const said = gradbook("compare", ...runs, "--experiments", "--steps", "2", "--out", page, "--json");
  const { units, notes } = JSON.parse(said) as { units: Record<string, unknown>[]; notes: string[] };
  expect(units).toEqual([
    expect.objectContaining({ models: "run, other", units: 24, "Δ orientation (°)": expect.any(Number) }),
  ]);
  expect(notes).toEqual([
    `none is left out: ${none}: holds no checkpoint; give a run's folder or a .safetensors file`,
  ]);
  const html = readFileSync(page, "utf8");
  for (const text of [
    "<h2>Units</h2>",
    "none is left out",
    "Inputs of two seeds of one run correlate by: run ",
  ])
    expect(html).toContain(text);
});

test("a report without the size of a pixel says why it has no experiments, and keeps its scores", () => {
  const old = join(dir, "old");
  cpSync(run, old, { recursive: true });
  const config = readFileSync(join(run, "config.yaml"), "utf8");
  writeFileSync(join(old, "config.yaml"), config.replace(/^recordings:\n( {2}.*\n)+/m, ""));
  gradbook("report", old, "--experiments");
  const without = readFileSync(join(old, "report.html"), "utf8");
  expect(without).toContain(
    "There are no experiments on the twin: twin: pixelsPerDegree: is unknown, because the run did not record it; give it to loadTwin (--pixels_per_degree)",
  );
  expect(without).toContain("<h2>Scores</h2>");
  gradbook("report", old, "--experiments", "--pixels_per_degree", "12");
  const page = readFileSync(join(old, "report.html"), "utf8");
  for (const title of [
    "Scores",
    "Tuning to gratings",
    "Receptive fields",
    "Most exciting inputs",
    "Attributions",
    "Effects of channels",
  ])
    expect(page).toContain(title);
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
    `${join(dir, "rates-rows.npy")}: rates of 700 frames and 24 units (24 of luke_2031-03-01)\n`,
  );
  predict("columns.npy");
  predict("numbers.npy");
  predict("rows.npy", "--out", join(dir, "two.npy"), "--session", "luke_2031-03-01", "--units", "7,3");
  const shown = python(`
import numpy as np
rows, columns, numbers, two = [np.load(f) for f in ("rates-rows.npy", "rates-columns.npy", "rates-numbers.npy", "two.npy")]
print(rows.shape, rows.dtype, np.abs(rows - columns).max(), np.abs(rows - numbers).max() < 1e-6, np.array_equal(two, rows[:, [6, 2]]))`);
  expect(shown).toBe("(700, 24) float32 0.0 True True\n");
  const stage = predict("rows.npy", "--out", join(dir, "stage.npy"), "--stage", "frontend");
  expect(stage).toBe(
    `${join(dir, "stage.npy")}: outputs of the frontend, [frames, time, height, width, channels] = [700, 1, 17, 17, 4]\n`,
  );
  expect(python('import numpy as np; print(np.load("stage.npy").shape)')).toBe("(700, 1, 17, 17, 4)\n");
  expect(() => predict("integers.npy")).toThrow(
    "integers.npy: holds integers that are not bytes; give uint8 grey levels, or normalised floating-point numbers",
  );
});
