import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { benchPython } from "../../bench/venv";
import { freePort } from "../../lib/distributed/ports";
import { endOf } from "../launch/processes";
import { eventually, makeProject, runIn, trainersIn } from "./project";

let torchrun: string;
beforeAll(async () => {
  const python = process.env.GRADBOOK_TORCH_PYTHON ?? (await benchPython());
  torchrun = join(python, "..", "torchrun");
  expect(existsSync(torchrun), torchrun).toBe(true);
}, 1_200_000);

/** Starts torchrun's agent of one machine in a project, with the documented program. */
function agent(dir: string, ...options: string[]) {
  const args = ["--no-python", "--monitor-interval", "0.2", ...options, process.execPath, "train.js"];
  const env = { ...process.env, OMP_NUM_THREADS: "1" };
  const child = spawn(torchrun, args, { cwd: dir, env, stdio: ["ignore", "pipe", "pipe"] });
  return { child, ended: endOf(child) };
}

const RUN = "twin-cluster";

test("trains two processes of one machine, by the agent's own port", async () => {
  const dir = await makeProject(1000);
  const port = String(await freePort());
  const done = await agent(dir, "--nproc-per-node", "2", "--master-port", port).ended;
  expect(done.code, done.output).toBe(0);
  expect(runIn(dir, RUN).endings()).toEqual(["completed"]);
});

test("resumes from the last checkpoint after a process was killed", async () => {
  const dir = await makeProject(2000);
  const { ended } = agent(
    dir,
    "--nproc-per-node",
    "2",
    "--max-restarts",
    "1",
    "--rdzv-backend",
    "c10d",
    "--rdzv-endpoint",
    `127.0.0.1:${await freePort()}`,
  );
  const run = runIn(dir, RUN);
  await eventually(
    () => run.saved() > 0,
    () => "no checkpoint",
  );
  const steps = run.saved();
  process.kill(trainersIn(dir).get("1")!, "SIGKILL");
  const done = await ended;
  expect(done.code, done.output).toBe(0);
  expect(run.resumed().at(-1)).toBeGreaterThanOrEqual(steps);
  expect(run.endings().at(-1)).toBe("completed");
});

test("grows from one machine to two, and continues from the last checkpoint", async () => {
  const dir = await makeProject(4000);
  const endpoint = `127.0.0.1:${await freePort()}`;
  const elastic = [
    "--nnodes",
    "1:2",
    "--nproc-per-node",
    "1",
    "--max-restarts",
    "3",
    "--rdzv-backend",
    "c10d",
    "--rdzv-endpoint",
    endpoint,
    "--rdzv-conf",
    "last_call_timeout=1",
  ];
  const first = agent(dir, ...elastic);
  const run = runIn(dir, RUN);
  await eventually(
    () => run.saved() > 0,
    () => "no checkpoint",
  );
  const second = agent(dir, ...elastic);
  const done = await Promise.all([first.ended, second.ended]);
  expect(
    done.map(({ code }) => code),
    done.map(({ output }) => output).join("\n"),
  ).toEqual([0, 0]);
  expect(run.endings().at(-1)).toBe("completed");
  expect(run.resumed().at(-1)).toBeGreaterThan(0);
});
