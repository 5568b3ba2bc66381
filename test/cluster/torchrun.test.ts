import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { benchPython } from "../../bench/venv";
import { freePort } from "../../lib/distributed/ports";
import { makeHosts, nameHosts, on, removeHosts } from "../launch/hosts";
import { endOf } from "../launch/processes";
import { block, eventually, makeProject, runIn, trainersIn } from "./project";

const HOSTS = ["node1", "node2"] as const;
let torchrun: string;
beforeAll(async () => {
  const refused = makeHosts();
  if (refused) throw new Error(refused);
  nameHosts(HOSTS);
  const python = process.env.GRADBOOK_TORCH_PYTHON ?? (await benchPython());
  torchrun = join(python, "..", "torchrun");
  expect(existsSync(torchrun), torchrun).toBe(true);
}, 1_200_000);
afterAll(removeHosts);

/** Starts torchrun's agent of one machine in a project, with the documented program. */
function agent(dir: string, options: string, more: NodeJS.ProcessEnv = {}) {
  const args = [
    "--no-python",
    "--monitor-interval",
    "0.2",
    ...options.split(" "),
    process.execPath,
    "train.js",
  ];
  return start(dir, torchrun, args, more);
}

function start(dir: string, program: string, args: readonly string[], more: NodeJS.ProcessEnv = {}) {
  const env = { ...process.env, OMP_NUM_THREADS: "1", ...more };
  const child = spawn(program, args, { cwd: dir, env, stdio: ["ignore", "pipe", "pipe"] });
  return { child, ended: endOf(child) };
}

const c10d = (port: number) => `--rdzv-backend c10d --rdzv-endpoint 127.0.0.1:${port}`;

const RUN = "twin-cluster";

test("trains two processes of one machine, by the agent's own port", async () => {
  const dir = await makeProject();
  const done = await agent(dir, `--nproc-per-node 2 --master-port ${await freePort()}`).ended;
  expect(done.code, done.output).toBe(0);
  expect(runIn(dir, RUN).endings()).toEqual(["completed"]);
});

test("the documented command resumes from the last checkpoint after a process of two hosts was killed", async () => {
  const dir = await makeProject();
  const command = /^torchrun (.*)$/m
    .exec(block("sh", "torchrun -"))![1]!
    .replace("--nproc-per-node 8", "--nproc-per-node 1");
  const agents = HOSTS.map((host, i) => {
    // The agents compare the name of their host with that of the rendezvous.
    const named = [...on(i), "unshare", "--uts", "sh", "-c", 'hostname "$0" && exec "$@"', host];
    const [first, ...rest] = [...named, torchrun, ...command.split(" ")];
    return start(dir, first!, rest);
  });
  const run = runIn(dir, RUN);
  await eventually(
    () => run.saved() > 0,
    () => "no checkpoint",
  );
  const steps = run.saved();
  process.kill(trainersIn(dir).get("1")!, "SIGKILL");
  for (const { ended } of agents) {
    const done = await ended;
    expect(done.code, done.output).toBe(0);
  }
  expect(run.resumed().at(-1)).toBeGreaterThanOrEqual(steps);
  expect(run.endings().at(-1)).toBe("completed");
});

test("grows from one machine to two, and continues from the last checkpoint", async () => {
  const dir = await makeProject(3000);
  const options = `--nnodes 1:2 --nproc-per-node 1 --max-restarts 3 ${c10d(await freePort())} --rdzv-conf last_call_timeout=1`;
  // Without this an agent of torch 2.9 publishes its address in the first rendezvous only, and a later agent waits for it.
  const elastic = () => agent(dir, options, { TORCH_DISABLE_SHARE_RDZV_TCP_STORE: "1" });
  const first = elastic();
  const run = runIn(dir, RUN);
  await eventually(
    () => run.saved() > 0,
    () => "no checkpoint",
  );
  const second = elastic();
  const done = await Promise.all([first.ended, second.ended]);
  expect(
    done.map(({ code }) => code),
    done.map(({ output }) => output).join("\n"),
  ).toEqual([0, 0]);
  expect(run.endings().at(-1)).toBe("completed");
  expect(run.resumed().at(-1)).toBeGreaterThan(0);
});
