import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { KERNEL } from "../../../lib/cli/setup";
import { newFolder } from "../../new-folder";
import { notebook } from "../../papermill/notebook";
import { gradbookIn, MAIN } from "../gradbook";

let dir: string;
beforeEach(() => {
  dir = newFolder();
});

/** Fails at the first attempt with `seed` 2; a file records that attempt. */
const FLAKY = `import { existsSync, writeFileSync } from "node:fs";
if (seed === 2 && !existsSync("seen")) { writeFileSync("seen", ""); throw new Error("no luck"); }`;
const RECORD = `import { record } from ${JSON.stringify(resolve("dist/lib/base/jupyter/table.js"))};
record({ score: 10 * seed });`;

test("runs a grid: names notebooks by parameters, writes a table and a CSV file, retries; --resume skips finished ones", () => {
  writeFileSync(join(dir, "sweep.ipynb"), notebook("let seed = 1;", [FLAKY, RECORD]));
  const args = ["run", "sweep.ipynb", "-p", "seed", "1,2", "--retries", "1", "--out", "out"];
  const first = gradbookIn(dir, ...args);
  expect(first.status).toBe(0);
  expect(first.stderr).toMatch(/seed=2: failed, once more \(1 of 1\)/);
  expect(first.stdout).toMatch(
    /\nrun +ending +time +seed +score\nseed=1 +completed +.* s +1 +10\nseed=2 +completed +.* s +2 +20\n\nsummary {2}out\/summary.csv\n$/,
  );
  expect(readdirSync(join(dir, "out")).sort()).toEqual(["seed=1.ipynb", "seed=2.ipynb", "summary.csv"]);
  expect(readFileSync(join(dir, "out", "summary.csv"), "utf8")).toMatch(
    /^run,ending,seconds,attempts,seed,score,problem\r\nseed=1,completed,[\d.]+,1,1,10,\r\nseed=2,completed,[\d.]+,2,2,20,\r\n$/,
  );
  expect(readFileSync(join(dir, "out", "seed=2.ipynb"), "utf8")).toContain("let seed = 2;");
  const again = gradbookIn(dir, ...args, "--resume");
  expect(again.stdout).toMatch(/seed=1 +skipped +1 +10\n/);
  expect(again.stdout).toMatch(/seed=2 +skipped +2 +20\n/);
}, 180_000);

test("quotes the error cell of a failing notebook, runs the others with --keep-going, and returns exit code 1", () => {
  const cells = ["const half = seed / 2;", 'if (seed === 1) throw new Error("half is " + half);'];
  writeFileSync(join(dir, "sweep.ipynb"), notebook("let seed = 1;", cells));
  const { status, stderr, stdout } = gradbookIn(
    dir,
    "run",
    "sweep.ipynb",
    "-p",
    "seed",
    "1,2",
    "--keep-going",
  );
  expect(status).toBe(1);
  expect(stderr).toMatch(
    /seed=1\.ipynb stopped at code cell 4:\n {4}if \(seed === 1\) throw new Error\("half is " \+ half\);\n[\s\S]*Error: half is 0.5/,
  );
  expect(stdout).toMatch(/seed=1 +failed/);
  expect(stdout).toMatch(/seed=2 +completed/);
}, 180_000);

test("Ctrl-C stops the running cell, starts no other job, writes summary.csv and returns 130; --resume runs the rest", async () => {
  const slow = `import { existsSync, writeFileSync } from "node:fs";
if (seed === 2 && !existsSync("waits")) { writeFileSync("waits", ""); await new Promise(() => {}); }`;
  writeFileSync(join(dir, "sweep.ipynb"), notebook("let seed = 1;", [slow, RECORD]));
  const args = ["run", "sweep.ipynb", "-p", "seed", "1,2,3", "--retries", "2", "--out", "out"];
  const child = spawn(process.execPath, [MAIN, ...args], { cwd: dir, stdio: "ignore" });
  const looking = setInterval(() => {
    if (!existsSync(join(dir, "waits"))) return;
    clearInterval(looking);
    child.kill("SIGINT");
  }, 100);
  const [code] = await once(child, "exit");
  expect(code).toBe(130);
  expect(readFileSync(join(dir, "out", "summary.csv"), "utf8")).toMatch(
    /^run,ending,seconds,attempts,seed,score,problem\r\nseed=1,completed,[\d.]+,1,1,10,\r\nseed=2,interrupted,[\d.]+,1,2,,\r\nseed=3,not run,0\.0,0,,,\r\n$/,
  );
  expect(gradbookIn(dir, ...args, "--resume").stdout).toMatch(
    /\nseed=1 +skipped +1 +10\nseed=2 +completed .* 2 +20\nseed=3 +completed .* 3 +30\n/,
  );
}, 180_000);

test("quotes the cell in which a notebook's kernel died, and --resume runs the notebook again", () => {
  const cells = ['import { execSync } from "node:child_process"; execSync(`kill -KILL ${process.pid}`);'];
  writeFileSync(join(dir, "dies.ipynb"), notebook(undefined, cells));
  for (const more of [[], ["--resume"]]) {
    const { status, stderr } = gradbookIn(dir, "run", "dies.ipynb", "--out", "out", ...more);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /dies\.ipynb stopped at code cell 1:\n {4}import .*\nThe kernel's process has ended by signal SIGKILL\.\n$/,
    );
  }
}, 120_000);

test("tells the reason and the log of a kernel that does not start", () => {
  const kernel = join(dir, "kernels", "broken");
  mkdirSync(kernel, { recursive: true });
  const argv = ["sh", "-c", "echo libzmq.so is missing >&2; exit 3", "{connection_file}"];
  writeFileSync(
    join(kernel, "kernel.json"),
    JSON.stringify({ argv, display_name: "broken", language: "typescript" }),
  );
  writeFileSync(
    join(dir, "in.ipynb"),
    notebook(undefined, ["1"]).replace(`"name":"${KERNEL}"`, '"name":"broken"'),
  );
  const { status, stderr } = spawnSync(process.execPath, [MAIN, "run", "in.ipynb", "--out", "out"], {
    cwd: dir,
    env: { ...process.env, JUPYTER_PATH: dir },
    encoding: "utf8",
  });
  expect(stderr).toMatch(
    /\n\nThe kernel broken did not start: Kernel died before replying to kernel_info\.\nlibzmq\.so is missing\n$/,
  );
  expect(status).toBe(1);
}, 60_000);

/** The first process is killed in the middle of training. */
const KILLED = `import { existsSync, writeFileSync } from "node:fs";
import { loadExperiment, ModelCheckpoint, record, Trainer } from "gradbook";
const killed = { onTrainEpochStart({ epoch }: { epoch: number }) {
  if (epoch !== 2 || existsSync("seen")) return;
  writeFileSync("seen", "");
  process.kill(process.pid, "SIGKILL");
} };
const files = { model: ${JSON.stringify(resolve("configs/models/quickstart.yaml"))}, sessions: ${JSON.stringify(resolve("configs/sessions/demo.yaml"))} };
const trainer = new Trainer({
  name: "mine", resume: "auto", maxEpochs: 4, stepsPerEpoch: 5,
  callbacks: [new ModelCheckpoint(), killed],
});
const run = await trainer.fit(await loadExperiment({ ...files, maxDatasets: 1 }));
record({ epochs: run.history.length });`;

/** Returns the kernels of the process of papermill that runs the notebook. */
const KERNELS = `import { appendFileSync, readdirSync, readFileSync } from "node:fs";
function kernels(): number[] {
  const parentOf = (pid: number) => Number(/\\) \\w (\\d+)/.exec(readFileSync(\`/proc/\${pid}/stat\`, "utf8"))?.[1]);
  const pids = readdirSync("/proc").map(Number).filter((pid) => pid > 0);
  return pids.filter((pid) => { try { return parentOf(pid) === process.ppid; } catch { return false; } });
}`;

test("starts the kernel of the next notebook while one runs, and no kernel more than there are notebooks", () => {
  const report = `await new Promise((done) => setTimeout(done, 1500));
const runs = ((globalThis as { runs?: number }).runs ?? 0) + 1;
(globalThis as { runs?: number }).runs = runs;
const started = Date.now() - 1000 * process.uptime();
appendFileSync("seen", JSON.stringify({ pid: process.pid, cwd: process.cwd(), kernels: kernels().length, runs, started, ended: Date.now() }) + "\\n");`;
  writeFileSync(join(dir, "sweep.ipynb"), notebook("let seed = 1;", [KERNELS, report]));
  const { status, stderr } = gradbookIn(dir, "run", "sweep.ipynb", "-p", "seed", "1,2,3", "--out", "out");
  expect(status, stderr).toBe(0);
  const lines = readFileSync(join(dir, "seen"), "utf8").trim().split("\n");
  const seen = lines.map((line) => JSON.parse(line));
  expect(seen.map(({ kernels }) => kernels)).toEqual([2, 2, 1]);
  expect(seen.map(({ runs, cwd }) => [runs, cwd])).toEqual(
    [1, 1, 1].map((runs) => [runs, realpathSync(dir)]),
  );
  expect(new Set(seen.map(({ pid }) => pid)).size).toBe(3);
  for (const i of [1, 2]) expect(seen[i].started).toBeLessThan(seen[i - 1].ended);
}, 180_000);

test("no kernel outlives the process of papermill that was killed", async () => {
  const kill = `appendFileSync("kernels", kernels().join(" "));
process.kill(process.ppid, "SIGKILL");
await new Promise(() => {});`;
  writeFileSync(join(dir, "sweep.ipynb"), notebook("let seed = 1;", [KERNELS, kill]));
  const { status, stdout } = gradbookIn(dir, "run", "sweep.ipynb", "-p", "seed", "1,2", "--out", "out");
  expect(status).toBe(130);
  expect(stdout).toMatch(/seed=1 +interrupted +.*\nseed=2 +not run/);
  const pids = readFileSync(join(dir, "kernels"), "utf8").split(" ");
  expect(pids).toHaveLength(2);
  await expect.poll(() => pids.filter((pid) => existsSync(`/proc/${pid}`)), { timeout: 20_000 }).toEqual([]);
}, 180_000);

test("continues a notebook that was killed during training from its last checkpoint", () => {
  writeFileSync(join(dir, "train.ipynb"), notebook(undefined, [KILLED]));
  const { status, stdout } = gradbookIn(dir, "run", "train.ipynb", "--retries", "1", "--out", "out");
  expect(stdout).toMatch(/train +completed +.* s +4\n/);
  expect(status).toBe(0);
  expect(readFileSync(join(dir, "out", "summary.csv"), "utf8")).toMatch(/train,completed,[\d.]+,2,4,/);
  const events = readFileSync(join(dir, "runs", "mine", "events.jsonl"), "utf8")
    .trim()
    .split("\n");
  const starts = events.map((line) => JSON.parse(line)).filter(({ event }) => event === "fit_start");
  expect(starts.map(({ resumed }) => resumed)).toEqual([undefined, 10]);
}, 120_000);

test("rejects parameters that the notebook does not declare before anything runs, and lists the declared ones", () => {
  writeFileSync(join(dir, "sweep.ipynb"), notebook("let seed = 1; // of the order", ["seed"]));
  const { status, stderr } = gradbookIn(dir, "run", "sweep.ipynb", "-p", "sed", "1");
  expect(status).toBe(2);
  expect(stderr).toMatch(
    /sweep\.ipynb: There is no parameter "sed" \(did you mean "seed"\?\)\.\nThe notebook's parameters are:\n {2}seed: number = 1 {3}of the order\n$/,
  );
  const many = ["-p", "=1", "-p", "sed=1,2", "-p", "seed=a,2,b", "-p", "seed=3"];
  const { stderr: all } = gradbookIn(dir, "run", "sweep.ipynb", ...many);
  expect(all.replace(/^.*(?=:\n)/, "")).toBe(`:
  - -p =1: must be a name and a value: -p lr 1e-3
  - -p seed: is given twice
  - There is no parameter "sed" (did you mean "seed"?).
seed: must be number, but is "a".
seed: must be number, but is "b".
The notebook's parameters are:
  seed: number = 1   of the order
`);
  expect(gradbookIn(dir, "run", "none.ipynb").stderr).toMatch(
    /none\.ipynb: no such notebook; check the path\n$/,
  );
  expect(readdirSync(dir)).toEqual(["sweep.ipynb"]);
});
