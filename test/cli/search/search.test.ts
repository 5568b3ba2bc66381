import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { Lock } from "../../../lib/base/files/lock";
import { newFolder } from "../../new-folder";
import { notebook } from "../../papermill/notebook";
import { gradbookIn, MAIN } from "../gradbook";

let dir: string;
beforeEach(() => {
  dir = newFolder();
});

/** Returns the rows of trials.csv without the header. */
const rows = (out: string) =>
  readFileSync(join(dir, out, "trials.csv"), "utf8")
    .trim()
    .split("\r\n")
    .slice(1)
    .map((line) => line.split(","));

/** A short training of the demo twin. */
const CONFIG = `
model_config: ${resolve("configs/models/quickstart.yaml")}
dataset_configs_path: ${resolve("configs/sessions/demo.yaml")}
max_datasets: 1
max_epochs: 2
steps_per_epoch: 5
`;

/** Trains for six epochs, with a validation loss that is `bad` or not; each epoch of a bad training waits. */
const TRAINING = `
import { Trainer, tf } from ${JSON.stringify(resolve("dist/lib/index.js"))};
const w = tf.variable(tf.scalar(1));
const module = {
  parameters: [{ name: "w", variable: w }],
  loss: ({ x }: { x: tf.Tensor }) => ({ loss: tf.add<tf.Scalar>(tf.mean(tf.square(tf.sub(w, tf.cast(x, "float32")))), bad) }),
  *trainBatches() { yield { x: Int32Array.of(1) }; },
  *validationBatches() { yield { x: Int32Array.of(1) }; },
};
const slow = { onTrainEpochStart: () => new Promise<void>((resolve) => setTimeout(resolve, bad ? 700 : 0)) };
const run = await new Trainer({ name: \`run-\${trial}\`, maxEpochs: 6, stepsPerEpoch: 1, callbacks: [slow] }).fit(module);`;

test("searches a notebook: the pruner stops a bad trial from its streamed validations, and page and tables list all trials", () => {
  writeFileSync(join(dir, "toy.ipynb"), notebook("let bad = 0;\nlet trial = 0;", [TRAINING]));
  writeFileSync(join(dir, "space.yaml"), "bad: {type: categorical, choices: [0, 5]}\n");
  const args = ["search", "toy.ipynb", "--space", "space.yaml", "--metric", "val_loss", "--sampler", "grid"];
  const { status, stdout, stderr } = gradbookIn(
    dir,
    ...args,
    "--startup",
    "1",
    "--seed",
    "1",
    "--out",
    "out",
  );
  expect(stderr).toMatch(/✓ trial-0001: pruned/);
  expect(status).toBe(0);
  expect(stdout).toMatch(
    /\ntrial +val_loss +bad +epochs +time\ntrial-0000 +\S+ +0 +6 +\d+ s\n\n1 completed, 1 pruned\ntrials {2}out\/trials.csv\npage {4}out\/study.html\n$/,
  );
  const [good, bad] = rows("out");
  expect([good![1], bad![1], bad![2]]).toEqual(["completed", "pruned", ""]);
  expect(Number(bad![4]), "epochs before it was stopped").toBeLessThan(6);
  const events = readFileSync(join(dir, "runs", "run-1", "events.jsonl"), "utf8");
  expect(events, "the pruned training saved and returned").toMatch(
    /"event":"fit_end".*"stopped":"interrupted"/,
  );
  const page = readFileSync(join(dir, "out", "study.html"), "utf8");
  expect(page.replace(/<script[\s\S]*?<\/script>/g, "")).not.toMatch(/(src|href)="/);
  expect(page).toMatch(/Value of each trial[\s\S]*Values by epoch[\s\S]*Parallel coordinates/);
  expect(existsSync(join(dir, "out", "trial-0000.ipynb"))).toBe(true);
}, 240_000);

test("continues a killed search of a configuration with the same command and repeats the killed trial", async () => {
  writeFileSync(join(dir, "config.yaml"), CONFIG);
  writeFileSync(join(dir, "space.yaml"), "learning_rate: {type: float, low: 1e-4, high: 1e-2, log: true}\n");
  const args = [
    "search",
    "config.yaml",
    "--space",
    "space.yaml",
    "--trials",
    "3",
    "--jobs",
    "2",
    "--out",
    "out",
  ];
  const child = spawn(process.execPath, [MAIN, ...args], { cwd: dir, stdio: ["ignore", "ignore", "pipe"] });
  for await (const text of child.stderr.setEncoding("utf8"))
    if (/trial-000\d: epoch 1 /.test(text)) child.kill("SIGKILL");
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  expect(gradbookIn(dir, ...args).status).toBe(0);
  const trials = rows("out");
  const interrupted = trials.filter(([, state]) => state === "interrupted");
  const finished = trials.filter(([, state]) => state !== "interrupted");
  expect(interrupted.length).toBeGreaterThan(0);
  expect(finished).toHaveLength(3);
  const rates = finished.map((row) => row[5]);
  expect(new Set(rates).size, "three different points").toBe(3);
  for (const row of interrupted) expect(rates, "asked again").toContain(row[5]);
  const again = gradbookIn(dir, ...args);
  expect(again.stdout, "nothing is left to run").toContain(`${interrupted.length} interrupted`);
}, 240_000);

test("searches in parts at the same time, each of which can be interrupted and repeated", async () => {
  const first = `import { existsSync, writeFileSync } from "node:fs";
if (!existsSync("hung")) { writeFileSync("hung", ""); await new Promise(() => {}); }`;
  const score = `import { record } from ${JSON.stringify(resolve("dist/lib/base/jupyter/table.js"))};
record({ score: x });`;
  writeFileSync(join(dir, "toy.ipynb"), notebook("let x = 0;", [first, score]));
  writeFileSync(join(dir, "space.yaml"), "x: {type: float, low: 0, high: 1}\n");
  writeFileSync(join(dir, "grid.yaml"), "x: {type: categorical, choices: [0, 1]}\n");
  const args = ["search", "toy.ipynb", "--space", "space.yaml", "--metric", "score", "--trials", "3"];
  const part = (array: string) => [...args, "--sampler", "random", "--out", "out", "--array", array];
  const child = spawn(process.execPath, [MAIN, ...part("1/2")], { cwd: dir, stdio: "ignore" });
  while (!existsSync(join(dir, "hung"))) {
    expect(child.exitCode).toBe(null);
    await new Promise((wait) => setTimeout(wait, 100));
  }
  const other = gradbookIn(dir, ...part("0/2"));
  expect(other.stdout, other.stderr).toContain("2 completed\n");
  child.kill("SIGINT");
  expect((await once(child, "exit"))[0]).toBe(130);
  expect(gradbookIn(dir, ...part("1/2")).stdout).toContain("3 completed, 1 interrupted\n");
  const trials = rows("out");
  const [interrupted] = trials.filter(([, state]) => state === "interrupted");
  const values = trials.filter((row) => row !== interrupted).map((row) => row[5]);
  expect(new Set(values).size, "three different points").toBe(3);
  expect(values, "asked again").toContain(interrupted![5]);
  const wrong = [
    [...args, "--out", "out"],
    part("0/3"),
    [...part("0/2"), "--space", "grid.yaml", "--sampler", "grid"],
  ];
  expect(
    wrong.map((each) => gradbookIn(dir, ...each).stderr.replace(/^.*study\.journal/, "study.journal")),
  ).toEqual([
    "out: --array: the folder holds a search in parts; give the same --array i/n as before, or another --out\n",
    "study.journal: holds a search in 2 parts; give --array i/2, or another --out\n",
    "out: --array: cannot divide a grid; give another --sampler, or leave --array out\n",
  ]);
}, 480_000);

test("quotes the failing cell of a notebook", () => {
  writeFileSync(join(dir, "fails.ipynb"), notebook("let x = 0;", ['throw new Error("no luck with " + x);']));
  writeFileSync(join(dir, "space.yaml"), "x: {type: int, low: 1, high: 9}\n");
  const args = ["search", "fails.ipynb", "--space", "space.yaml", "--trials", "1"];
  const { status, stderr, stdout } = gradbookIn(dir, ...args);
  expect(status).toBe(1);
  expect(stderr).toMatch(/\ntrial-0000: code cell 3: [\s\S]*Error: no luck with \d/);
  expect(stdout).toMatch(/\n1 failed\ntrials /);
}, 240_000);

test("rejects a search that cannot run, before anything starts", () => {
  writeFileSync(join(dir, "toy.ipynb"), notebook("let x = 0;", ["x"]));
  writeFileSync(join(dir, "space.yaml"), "y: {type: int, low: 1, high: 9}\n");
  const { status, stderr } = gradbookIn(dir, "search", "toy.ipynb", "--space", "space.yaml");
  expect(status).toBe(2);
  expect(stderr).toMatch(
    /toy\.ipynb: There is no parameter "y"\.\nThe notebook's parameters are:\n {2}x: number = 0\n$/,
  );
  writeFileSync(join(dir, "a.txt"), "");
  expect(gradbookIn(dir, "search", "a.txt", "--space", "space.yaml").stderr).toBe(
    "a.txt: must be a notebook (.ipynb) or a configuration (.yaml)\n",
  );
}, 240_000);

test("rejects a folder in which another search is running, and names its process", () => {
  writeFileSync(join(dir, "config.yaml"), CONFIG);
  writeFileSync(join(dir, "space.yaml"), "learning_rate: {type: float, low: 1e-4, high: 1e-2}\n");
  mkdirSync(join(dir, "out"));
  const lock = Lock.take(join(dir, "out", "search.lock"), "out", "wait");
  const { status, stderr } = gradbookIn(
    dir,
    "search",
    "config.yaml",
    "--space",
    "space.yaml",
    "--out",
    "out",
  );
  lock.release();
  expect(status).toBe(2);
  expect(stderr).toMatch(
    new RegExp(
      `^out: is in use by process ${process.pid} on \\S+ since \\S+; wait until it has ended, or give another --out\n$`,
    ),
  );
}, 240_000);
