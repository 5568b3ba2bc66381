import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { configDifferences } from "../../../lib/evaluation/report/compare";
import { newFolder } from "../../new-folder";
import { gradbookIn, MAIN } from "../gradbook";

let dir: string;
beforeEach(() => {
  dir = newFolder();
});

const SHORT = [
  "--max_datasets",
  "1",
  "--max_epochs",
  "1",
  "--steps_per_epoch",
  "3",
  "--checkpoint_dir",
  "runs",
];
const SESSIONS = ["--dataset_configs_path", resolve("configs/sessions/demo.yaml")];

test("trains models one after another, continues after a failure, and runs only the missing ones the second time", () => {
  for (const name of ["a", "b"])
    copyFileSync(resolve("configs/models/quickstart.yaml"), join(dir, `${name}.yaml`));
  writeFileSync(join(dir, "bad.yaml"), "model_type: v1multi\nreadout: {type: gausian}\n");
  const args = ["train-all", "a.yaml", "bad.yaml", "b.yaml", ...SESSIONS, ...SHORT];
  const first = gradbookIn(dir, ...args);
  expect(first.status).toBe(1);
  expect(first.stderr).toContain('bad: bad.yaml: readout.type: "gausian" is not one of: ');
  expect(first.stdout).toMatch(/a +completed +.*\nbad +failed +.*\nb +not run/);
  const second = gradbookIn(dir, ...args, "--keep_going", "--jobs", "2");
  expect(second.status).toBe(1);
  expect(second.stdout).toMatch(/a +skipped +.*\nbad +failed +.*\nb +completed/);
  const csv = readFileSync(join(dir, "runs", "summary.csv"), "utf8");
  expect(csv).toMatch(/^run,ending,seconds,attempts,epochs,val_bps_overall,problem\r\na,skipped,0.0,0,1,/);

  const compared = gradbookIn(dir, "compare", "runs/a", "runs/b", "runs", "--out", "page.html");
  expect(compared).toMatchObject({ status: 0, stderr: "runs holds no run: left out\n" });
  expect(compared.stdout).toMatch(/run +metric +best +epochs +time +ended\na +val_bps_overall \(max\) /);
  const page = readFileSync(join(dir, "page.html"), "utf8");
  expect(page).toContain("<caption>Where the configurations differ</caption>");
  expect(page).toMatch(/Plotly\.newPlot/);
});

test("resumes an interrupted batch in the middle of its current model", async () => {
  for (const name of ["a", "b"])
    copyFileSync(resolve("configs/models/quickstart.yaml"), join(dir, `${name}.yaml`));
  const flags = ["--max_datasets", "1", "--max_epochs", "3", "--steps_per_epoch", "30"];
  const args = ["train-all", "a.yaml", "b.yaml", ...SESSIONS, ...flags, "--checkpoint_dir", "runs"];
  const child = spawn(process.execPath, [MAIN, ...args], { cwd: dir, stdio: ["ignore", "ignore", "pipe"] });
  child.stderr.on("data", (data) => {
    if (/epoch 1\/3/.test(String(data)) && !child.killed) child.kill("SIGINT");
  });
  const [code] = await once(child, "exit");
  expect(code).toBe(130);
  const summary = () => readFileSync(join(dir, "runs", "summary.csv"), "utf8");
  expect(summary()).toMatch(/\r\na,interrupted,[\d.]+,1,1,.*\r\nb,not run,/);
  expect(gradbookIn(dir, ...args).status).toBe(0);
  expect(summary()).toMatch(/\r\na,completed,[\d.]+,1,3,.*\r\nb,completed,[\d.]+,1,3,/);
  const events = readFileSync(join(dir, "runs", "a", "events.jsonl"), "utf8")
    .trim()
    .split("\n");
  const [first, again] = events.map((line) => JSON.parse(line)).filter(({ event }) => event === "fit_start");
  expect(first.resumed).toBeUndefined();
  expect(again.resumed).toBeGreaterThanOrEqual(30);
  expect(again.resumed).toBeLessThan(90);
}, 120_000);

test("reports missing models and repeated names before anything runs", () => {
  copyFileSync(resolve("configs/models/quickstart.yaml"), join(dir, "a.yaml"));
  const { status, stderr } = gradbookIn(
    dir,
    "train-all",
    "a.yaml",
    "./a.yaml",
    "none.yaml",
    ...SESSIONS,
    ...SHORT,
  );
  expect(status).toBe(2);
  expect(stderr).toBe(`gradbook train-all:
  - ./a.yaml: has the same name as a.yaml; a run is named after the file of its model
  - none.yaml: no such file; check the path
`);
});

test("compares configurations key by key, without the names of the runs", () => {
  const config = (name: string, lr: number, more = {}) => ({
    trainer: { name, optimizer: { lr, weightDecay: 0 } },
    model: { regularization: [{ type: "l1", lambda: 1 }], ...more },
  });
  const runs = [config("a", 1), config("b", 2), config("c", 2, { frontend: { type: "da" } })];
  expect(configDifferences(runs.map((one) => ({ config: one })))).toEqual([
    { key: "trainer.optimizer.lr", values: ["1", "2", "2"] },
    { key: "model.frontend.type", values: ["–", "–", '"da"'] },
  ]);
});

test("runs a part of a batch for each task of any scheduler, and writes one summary of all", () => {
  for (const name of ["a", "b", "c"])
    copyFileSync(resolve("configs/models/quickstart.yaml"), join(dir, `${name}.yaml`));
  const args = ["train-all", "a.yaml", "b.yaml", "c.yaml", ...SESSIONS, ...SHORT];
  const csv = () => readFileSync(join(dir, "runs", "summary.csv"), "utf8");
  expect(gradbookIn(dir, ...args, "--array", "1/2").stdout).toMatch(/b +completed/);
  expect(csv()).toMatch(/\r\na,not run,.*\r\nb,completed,.*\r\nc,not run,/);
  expect(gradbookIn(dir, ...args, "--array", "0/2").status).toBe(0);
  expect(csv()).toMatch(/\r\na,completed,.*\r\nb,completed,.*\r\nc,completed,/);
});

test("rejects parts that do not exist, and options of a cluster without one", () => {
  const args = ["train-all", "a.yaml", ...SESSIONS];
  expect(gradbookIn(dir, ...args, "--array", "2/2").stderr).toBe(
    "error: option '--array <i/n>' argument '2/2' is invalid. must be a task's number and the number of tasks, from 0/n to (n - 1)/n.\n",
  );
  copyFileSync(resolve("configs/models/quickstart.yaml"), join(dir, "a.yaml"));
  expect(gradbookIn(dir, ...args, "--partition", "gpu")).toMatchObject({
    status: 2,
    stderr: "gradbook train-all: --partition: needs --on slurm\n",
  });
});

test("names the missing sbatch before anything runs", () => {
  copyFileSync(resolve("configs/models/quickstart.yaml"), join(dir, "a.yaml"));
  const { status, stderr } = spawnSync(
    process.execPath,
    [MAIN, "train-all", "a.yaml", ...SESSIONS, "--on", "slurm"],
    { cwd: dir, env: { ...process.env, PATH: dir }, encoding: "utf8" },
  );
  expect(stderr).toBe(
    "sbatch cannot be started (spawnSync sbatch ENOENT): --on slurm needs a host that submits jobs to SLURM; on this machine leave it out.\n",
  );
  expect(status).toBe(1);
  expect(readdirSync(dir)).toEqual(["a.yaml"]);
});
