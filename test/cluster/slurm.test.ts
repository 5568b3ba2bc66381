import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newFolder } from "../new-folder";
import { eventually, makeProject, runIn } from "./project";
import { SlurmCluster, TWO_TASKS } from "./slurm";

let cluster: SlurmCluster;
let dir: string;
beforeAll(async () => {
  cluster = new SlurmCluster(newFolder());
  dir = await makeProject();
});
afterAll(() => cluster?.stop());

const output = (file: string) => {
  try {
    return readFileSync(join(dir, file), "utf8");
  } catch {
    return "";
  }
};
const describe = (job: string) =>
  [
    cluster.run("scontrol", "show", "job", job),
    output(`twin-${job}.log`),
    output(`twin-${job}-rank0.log`),
    cluster.logs(),
  ].join("\n");

/** Waits until a job's run has a new checkpoint. */
async function saved(job: string, since = 0): Promise<number> {
  const run = runIn(dir, `twin-${job}`);
  await eventually(
    () => run.saved() > since,
    () => describe(job),
  );
  return run.saved();
}

/** Waits until a job has ended. @returns its state */
async function ended(job: string): Promise<string> {
  const running = () => ["PENDING", "RUNNING", "COMPLETING", "REQUEUED"].includes(cluster.stateOf(job));
  await eventually(
    () => !running(),
    () => describe(job),
  );
  return cluster.stateOf(job);
}

test("trains on two nodes, saves and requeues itself at the signal before its end, and continues until it is complete", async () => {
  const job = cluster.submit(dir, "job.sh", ...TWO_TASKS, "--time=10");
  const run = runIn(dir, `twin-${job}`);
  await saved(job);
  // As `#SBATCH --signal=B:USR1@300` does.
  cluster.run("scancel", "--batch", "--signal=USR1", job);
  await eventually(
    () => /Restarts=1/.test(cluster.run("scontrol", "show", "job", job)),
    () => describe(job),
  );
  const steps = run.saved();
  expect(run.endings()).toEqual(["interrupted"]);
  expect(await ended(job), describe(job)).toBe("COMPLETED");
  expect(run.endings().at(-1)).toBe("completed");
  expect(run.resumed().at(-1)).toBe(steps);
});

test("saves at scancel, and does not requeue", async () => {
  const job = cluster.submit(dir, "job.sh", ...TWO_TASKS, "--time=10");
  await saved(job);
  cluster.run("scancel", job);
  expect(await ended(job)).toBe("CANCELLED");
  await eventually(
    () => runIn(dir, `twin-${job}`).endings().length > 0,
    () => describe(job),
  );
  expect(runIn(dir, `twin-${job}`).endings()).toEqual(["interrupted"]);
});

test("continues on another start after a node was lost", async () => {
  const job = cluster.submit(dir, "job.sh", ...TWO_TASKS, "--time=10");
  const run = runIn(dir, `twin-${job}`);
  const steps = await saved(job);
  cluster.killNode(1);
  await eventually(
    () => /Restarts=1/.test(cluster.run("scontrol", "show", "job", job)),
    () => describe(job),
  );
  cluster.startNode(1);
  expect(await ended(job), describe(job)).toBe("COMPLETED");
  expect(run.resumed().at(-1)).toBeGreaterThanOrEqual(steps);
  expect(run.endings().at(-1)).toBe("completed");
});

/** A batch script that starts a training with another name. */
const TRAIN = (name: string) =>
  `sed 's/twin-/${name}-/' train.js > ${name}.js && srun --ntasks=2 --nodes=2 --overlap --exact node ${name}.js`;

test("trains two steps of one job separately", async () => {
  const script = [
    "#!/bin/bash",
    `(${TRAIN("first")}) &`,
    "one=$!",
    `(${TRAIN("second")}) &`,
    "wait $one && wait $!",
    "",
  ];
  writeFileSync(join(dir, "steps.sh"), script.join("\n"));
  const job = cluster.submit(
    dir,
    "steps.sh",
    "--nodes=2",
    "--ntasks-per-node=2",
    "--gpus-per-node=0",
    "--output=twin-%j.log",
  );
  expect(await ended(job), describe(job)).toBe("COMPLETED");
  for (const name of ["first", "second"])
    expect(runIn(dir, `${name}-${job}`).endings()).toEqual(["completed"]);
});

test("trains the tasks of an array separately", async () => {
  const script = `#!/bin/bash\nsrun node train.js\n`;
  writeFileSync(join(dir, "array.sh"), script);
  const job = cluster.submit(
    dir,
    "array.sh",
    "--array=0-1",
    "--nodes=2",
    "--ntasks-per-node=1",
    "--output=twin-%A_%a.log",
  );
  await eventually(
    () => !cluster.run("squeue", "--noheader", "--jobs", job).includes(job),
    () => describe(job),
  );
  const tasks = cluster.run("scontrol", "--oneliner", "show", "job", job).split("\n");
  const ids = tasks.map((line) => /^JobId=(\d+)/.exec(line)![1]!);
  expect(ids).toHaveLength(2);
  for (const id of ids) expect(runIn(dir, `twin-${id}`).endings(), describe(job)).toEqual(["completed"]);
});
