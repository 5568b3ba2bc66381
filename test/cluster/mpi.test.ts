import { spawn } from "node:child_process";
import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { makeHosts, nameHosts, on, removeHosts } from "../launch/hosts";
import { endOf } from "../launch/processes";
import { block, makeProject, runIn } from "./project";

const HOSTS = ["node1", "node2"] as const;
let dir: string;
beforeAll(async () => {
  const refused = makeHosts();
  if (refused) throw new Error(refused);
  dir = await makeProject();
  nameHosts(HOSTS);
  // Stands for ssh: starts a command on a host.
  const cases = HOSTS.map((host, i) => `${host}) exec ${on(i).join(" ")} sh -c "$*" ;;`);
  writeFileSync(join(dir, "rsh"), `#!/bin/sh\nhost=$1; shift\ncase $host in\n${cases.join("\n")}\nesac\n`);
  chmodSync(join(dir, "rsh"), 0o755);
});
afterAll(removeHosts);
afterEach(() => rmSync(join(dir, "runs"), { recursive: true, force: true }));

/** Runs a command on the first host. */
function onFirst(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const [first, ...rest] = [...on(0), program, ...args];
  const child = spawn(first!, rest, {
    cwd: dir,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return endOf(child);
}

/** The documented command, for one process on each of two hosts. */
const documented = (name: string) =>
  block("sh", name)
    .trim()
    .replace(/^\w+ /, "")
    .replace(/-(n|np) 16/, "-$1 2")
    .replace("-ppn 8", "-ppn 1")
    .replace("node1:8,node2:8", "node1:1,node2:1")
    .split(" ");

function mpirun(env: NodeJS.ProcessEnv = {}) {
  const passed = Object.keys(env).flatMap((name) => ["-x", name]);
  const settings = ["--allow-run-as-root", "--mca", "plm_rsh_agent", join(dir, "rsh"), ...passed];
  return onFirst("mpirun.openmpi", [...settings, ...documented("mpirun")], env);
}

test("trains one process of Open MPI on each of two hosts, which share the folder of the runs", async () => {
  const done = await mpirun();
  expect(done.code, done.output).toBe(0);
  expect(runIn(dir, "twin-cluster").endings()).toEqual(["completed"]);
});

test("trains without a file by a key and the address of the first host", async () => {
  const done = await mpirun({ GRADBOOK_KEY: "secret", MASTER_ADDR: "node1" });
  expect(done.code, done.output).toBe(0);
  expect(runIn(dir, "twin-cluster").endings()).toEqual(["completed"]);
});

test("trains one process of MPICH on each of two hosts", async () => {
  const settings = ["-launcher", "rsh", "-launcher-exec", join(dir, "rsh")];
  const done = await onFirst("mpiexec.hydra", [...settings, ...documented("mpiexec -n")]);
  expect(done.code, done.output).toBe(0);
  expect(runIn(dir, "twin-cluster").endings()).toEqual(["completed"]);
});
