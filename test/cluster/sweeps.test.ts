import { spawn } from "node:child_process";
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MAIN } from "../cli/gradbook";
import { blocks } from "../docs/blocks";
import { endOf } from "../launch/processes";
import { newFolder } from "../new-folder";
import { notebook } from "../papermill/notebook";
import { eventually, makeProject, runIn } from "./project";
import { SlurmCluster } from "./slurm";

let cluster: SlurmCluster;
let dir: string;
beforeAll(async () => {
  cluster = new SlurmCluster(newFolder());
  dir = await makeProject();
  for (const name of ["a", "b", "c"])
    copyFileSync(join(dir, "configs/models/quickstart.yaml"), join(dir, `${name}.yaml`));
  writeFileSync(join(dir, "bad.yaml"), "model_type: v1multi\nreadout: {type: gausian}\n");
});
afterAll(() => cluster?.stop());

/** Runs `gradbook` on the first host of the cluster. */
function gradbook(...args: string[]) {
  const { env, prefix } = cluster.access;
  const [first, ...rest] = [...prefix, process.execPath, MAIN, ...args];
  const child = spawn(first!, rest, { cwd: dir, env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  const says = (text: string) =>
    eventually(
      () => output.includes(text),
      () => output,
    );
  return { child, ended: endOf(child), says };
}

/** Returns the documented command, for some models and the nodes of this cluster. */
function trainAll(...models: string[]): string[] {
  const { code } = blocks("sh").find(
    (block) => block.page === "docs/batch.md" && block.code.includes("--on slurm"),
  )!;
  const line = code
    .replace("npx gradbook ", "")
    .replace("configs/models/*.yaml", models.join(" "))
    .replace("--partition gpu --time 4:00:00", "--partition debug --time 10")
    .replace("--gpus=1 --cpus-per-task=6", "--nodes=1 --cpus-per-task=1");
  const words = line.match(/'[^']*'|[^'\s]+/g)!.map((word) => word.replaceAll("'", ""));
  return [...words, "--checkpoint_dir", "runs"];
}

/** Loses the second node and gets it back when its task of the array waits for another start. @returns the number of the task */
async function loseNode(): Promise<number> {
  const [, task, number] = /(\d+_(\d+)) .* R .* node2/.exec(cluster.run("squeue", "--array"))!;
  cluster.killNode(1);
  const show = () => cluster.run("scontrol", "show", "job", task!);
  await eventually(() => show().includes("Restarts=1"), show);
  cluster.startNode(1);
  return Number(number);
}

/** A cell that reports its begin and waits for a permission. */
const AWAIT = `import { existsSync, writeFileSync } from "node:fs";
writeFileSync("began", "");
while (!existsSync("go")) await new Promise((resolve) => setTimeout(resolve, 100));`;

/** Options with which each task fills a node. */
const ALONE = ["--on", "slurm", "--time", "10", "--sbatch", "--exclusive --nodes=1"];

const summary = () => readFileSync(join(dir, "runs", "summary.csv"), "utf8");

test("submits one array, throttles it, reports a failure, and skips completed runs the second time", async () => {
  const short = ["--max_epochs", "1", "--steps_per_epoch", "3", "--array-parallelism", "2"];
  const first = await gradbook(...trainAll("a.yaml", "bad.yaml", "b.yaml"), ...short).ended;
  expect(first.code, first.output).toBe(1);
  expect(first.output).toMatch(/a +completed +.*\nbad +failed +.*\nb +completed/);
  expect(first.output).toContain('bad: bad.yaml: readout.type: "gausian" is not one of: ');
  expect(summary()).toMatch(/^run,ending,seconds,attempts,epochs,val_bps_overall,problem\r\na,completed,/);
  const second = await gradbook(...trainAll("a.yaml", "b.yaml"), ...short).ended;
  expect(second.output).toMatch(/a +skipped +.*\nb +skipped/);
  expect(second.code).toBe(0);
});

test("repeats only the task of a lost node, from its last checkpoint", async () => {
  const long = ["--max_epochs", "60", "--steps_per_epoch", "20", "--project_name", "lost"];
  const { ended } = gradbook(...trainAll("a.yaml", "b.yaml"), ...long, ...ALONE);
  const runs = ["a", "b"].map((name) => runIn(dir, join("lost", name)));
  await eventually(
    () => runs.every((run) => run.saved() > 0),
    () => cluster.run("squeue"),
  );
  const lost = await loseNode();
  const done = await ended;
  expect(done.code, done.output).toBe(0);
  expect(runs[1 - lost]!.resumed()).toEqual([0]);
  expect(runs[lost]!.resumed().at(-1)).toBeGreaterThan(0);
  expect(existsSync(join(dir, "runs", "lost", "summary.csv"))).toBe(true);
}, 600_000);

test("runs notebooks, repeats that of a lost node, and skips completed ones the second time", async () => {
  const start = `import { appendFileSync, existsSync } from "node:fs"; appendFileSync("starts", \`\${seed}\\n\`);`;
  const wait = 'while (!existsSync("go")) await new Promise((resolve) => setTimeout(resolve, 100));';
  const score = `import { record } from ${JSON.stringify(resolve("dist/lib/base/jupyter/table.js"))};
record({ score: 10 * seed });`;
  writeFileSync(join(dir, "sweep.ipynb"), notebook("let seed = 1;", [start, wait, score]));
  const args = ["run", "sweep.ipynb", "-p", "seed", "1,2", "--out", "out", ...ALONE];
  const { ended } = gradbook(...args);
  const starts = () => readFileSync(join(dir, "starts"), "utf8").trim().split("\n").map(Number);
  await eventually(
    () => existsSync(join(dir, "starts")) && starts().length === 2,
    () => cluster.run("squeue"),
  );
  const lost = await loseNode();
  writeFileSync(join(dir, "go"), "");
  const done = await ended;
  expect(done.output).toMatch(/seed=1 +completed .* 1 +10\nseed=2 +completed .* 2 +20\n/);
  expect(done.code).toBe(0);
  expect(starts().sort()).toEqual([1, 2, lost + 1].sort());
  expect(readFileSync(join(dir, "out", "summary.csv"), "utf8")).toMatch(
    /^run,ending,seconds,attempts,seed,score,problem\r\nseed=1,completed,[\d.]+,1,1,10,\r\nseed=2,completed,[\d.]+,1,2,20,\r\n$/,
  );
  const again = await gradbook(...args, "--resume").ended;
  expect(again.output).toMatch(/seed=1 +skipped +1 +10\nseed=2 +skipped +2 +20\n/);
});

test("searches parameters, and continues the trial of a lost node from its last checkpoint", async () => {
  const config = { model_config: "a.yaml", dataset_configs_path: "configs/sessions/demo.yaml" };
  writeFileSync(join(dir, "search.yaml"), JSON.stringify({ ...config, max_epochs: 60, steps_per_epoch: 20 }));
  writeFileSync(join(dir, "space.yaml"), "learning_rate: {type: float, low: 1e-4, high: 1e-2, log: true}\n");
  const args = ["search", "search.yaml", "--space", "space.yaml", "--trials", "2", "--out", "found"];
  const all = [...args, "--pruner", "none", "--array-parallelism", "2", ...ALONE];
  const { ended } = gradbook(...all);
  const runs = [0, 1].map((i) => runIn(dir, join("..", "found", `trial-000${i}`)));
  await eventually(
    () => runs.every((run) => run.saved() > 0),
    () => cluster.run("squeue"),
  );
  await loseNode();
  const done = await ended;
  expect(done.code, done.output).toBe(0);
  const [one, two] = runs.map((run) => run.resumed()).sort((a, b) => a.length - b.length);
  expect(one).toEqual([0]);
  expect(two).toEqual([0, expect.any(Number)]);
  expect(two![1]).toBeGreaterThan(0);
  expect(readFileSync(join(dir, "found", "trials.csv"), "utf8")).toMatch(
    /^trial,state,.*,epochs,learning_rate\r\n0,completed,.*,60,[\d.e-]+\r\n1,completed,.*,60,[\d.e-]+\r\n$/,
  );
  expect((await gradbook(...all).ended).output).toContain("2 completed\n");
});

test("quotes SLURM's refusal, and runs nothing", async () => {
  const one = { model_config: "a.yaml", dataset_configs_path: "configs/sessions/demo.yaml" };
  writeFileSync(join(dir, "refused.yaml"), JSON.stringify(one));
  writeFileSync(join(dir, "lr.yaml"), "learning_rate: {type: float, low: 1e-4, high: 1e-2}\n");
  const wrong = ["--on", "slurm", "--partition", "gpuu"];
  const refusal =
    /sbatch --parsable --array=0-\d .*--partition=gpuu:\nsbatch: error: invalid partition specified: gpuu\n/;
  const batch = ["train-all", "a.yaml", "b.yaml", "--dataset_configs_path", one.dataset_configs_path];
  const trained = await gradbook(...batch, "--checkpoint_dir", "refused", ...wrong).ended;
  expect(trained.code).toBe(1);
  expect(trained.output).toMatch(refusal);
  expect(trained.output.match(/sbatch --parsable/g)).toHaveLength(1);
  expect(trained.output).toMatch(/a +not run *\nb +not run/);
  const searched = await gradbook("search", "refused.yaml", "--space", "lr.yaml", ...wrong).ended;
  expect(searched.code).toBe(1);
  expect(searched.output).toMatch(refusal);
});

test("says why SLURM keeps a task waiting", async () => {
  writeFileSync(join(dir, "quick.ipynb"), notebook(undefined, ["1 + 1;"]));
  cluster.run("scontrol", "update", "partitionname=debug", "maxtime=5");
  const { ended, says } = gradbook("run", "quick.ipynb", ...ALONE);
  await says("SLURM keeps tasks waiting: PartitionTimeLimit\n");
  cluster.run("scontrol", "update", "partitionname=debug", "maxtime=infinite");
  expect((await ended).output).toMatch(/quick +completed/);
});

test("submits a refused task again while others run", async () => {
  const cell = `import { existsSync, writeFileSync } from "node:fs";
const until = async (file: string) => { while (!existsSync(file)) await new Promise((done) => setTimeout(done, 100)); };
writeFileSync(\`began\${seed}\`, "");
await until(\`go\${seed}\`);
if (seed === 1 && !existsSync("failed")) { writeFileSync("failed", ""); throw new Error("no luck"); }`;
  writeFileSync(join(dir, "again.ipynb"), notebook("let seed = 1;", [cell]));
  const args = ["run", "again.ipynb", "-p", "seed", "1,2", "--retries", "1", "--on", "slurm"];
  const { ended, says } = gradbook(...args);
  await eventually(
    () => [1, 2].every((seed) => existsSync(join(dir, `began${seed}`))),
    () => cluster.run("squeue"),
  );
  cluster.run("scontrol", "update", "partitionname=debug", "state=inactive");
  writeFileSync(join(dir, "go1"), "");
  await says("The task is submitted again while other tasks run.\n");
  cluster.run("scontrol", "update", "partitionname=debug", "state=up");
  await says("✓ seed=1: completed");
  writeFileSync(join(dir, "go2"), "");
  const done = await ended;
  expect(done.output).toMatch(/seed=1 +completed .*\nseed=2 +completed/);
});

test("waits for the tasks while SLURM's controller is down", async () => {
  writeFileSync(join(dir, "wait.ipynb"), notebook(undefined, [AWAIT]));
  rmSync(join(dir, "go"), { force: true });
  const { child, ended } = gradbook("run", "wait.ipynb", ...ALONE);
  await eventually(
    () => existsSync(join(dir, "began")),
    () => cluster.run("squeue"),
  );
  cluster.stopController();
  // Several looks at the queue fail, each after some seconds.
  await new Promise((resolve) => setTimeout(resolve, 70_000));
  expect(child.exitCode).toBe(null);
  writeFileSync(join(dir, "go"), "");
  const done = await ended;
  cluster.startController();
  expect(done.output).toMatch(/wait +completed/);
  expect(done.code).toBe(0);
});

test("saves and ends the running tasks at Ctrl-C, and removes the others from the queue", async () => {
  const long = ["--max_epochs", "4000", "--steps_per_epoch", "20", "--project_name", "stopped"];
  const { child, ended } = gradbook(
    ...trainAll("a.yaml", "b.yaml", "c.yaml"),
    ...long,
    "--array-parallelism",
    "1",
  );
  await eventually(
    () => runIn(dir, "stopped/a").saved() > 0,
    () => cluster.run("squeue"),
  );
  child.kill("SIGINT");
  const done = await ended;
  expect(done.code, done.output).toBe(130);
  expect(done.output).toMatch(/a +interrupted +.*\nb +not run *\nc +not run/);
  expect(runIn(dir, "stopped/a").endings()).toEqual(["interrupted"]);
  expect(cluster.run("squeue", "--noheader")).toBe("");
});
