import { afterAll, beforeAll, expect, test } from "vitest";
import { newFolder } from "../new-folder";
import { eventually, makeProject, runIn } from "./project";
import { SlurmCluster, TWO_TASKS } from "./slurm";

let cluster: SlurmCluster;
let dir: string;
beforeAll(async () => {
  cluster = new SlurmCluster(newFolder());
  // A training that takes longer than the time limit.
  dir = await makeProject(60_000);
});
afterAll(() => cluster?.stop());

test("the documented script saves, requeues itself and continues when SLURM sends the signal before the time limit", async () => {
  const job = cluster.submit(dir, "job.sh", ...TWO_TASKS, "--time=3", "--signal=B:USR1@60");
  const run = runIn(dir, `twin-${job}`);
  const describe = () => `${cluster.run("scontrol", "show", "job", job)}\n${cluster.logs()}`;
  await eventually(() => /Restarts=1/.test(describe()), describe, 280);
  expect(run.endings()).toEqual(["interrupted"]);
  const steps = run.saved();
  expect(steps).toBeGreaterThan(0);
  await eventually(() => run.resumed().length === 2, describe);
  expect(run.resumed()).toEqual([0, steps]);
  cluster.run("scancel", job);
}, 600_000);
