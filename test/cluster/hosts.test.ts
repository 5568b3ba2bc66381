import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadAll } from "js-yaml";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { makeHosts, nameHosts, on, removeHosts } from "../launch/hosts";
import { endOf } from "../launch/processes";
import { block, makeProject, runIn } from "./project";

/** The names of two hosts, which are also pods of a job of Kubernetes with the name twin. */
const HOSTS = ["node1", "node2"] as const;
let dir: string;
/** A program in the place of ssh, which starts a command on one of the hosts. */
let ssh: string;
beforeAll(async () => {
  const refused = makeHosts();
  if (refused) throw new Error(refused);
  dir = await makeProject();
  nameHosts(HOSTS.map((host, i) => `${host} twin-${i}.twin`));
  const cases = HOSTS.map((host, i) => `${host}) exec ${on(i).join(" ")} sh -c "$*" ;;`);
  const options = `while [ "\${1#-}" != "$1" ]; do shift; done`;
  ssh = join(dir, "bin", "ssh");
  mkdirSync(join(dir, "bin"));
  writeFileSync(ssh, `#!/bin/sh\n${options}\nhost=$1; shift\ncase $host in\n${cases.join("\n")}\nesac\n`);
  chmodSync(ssh, 0o755);
});
afterAll(removeHosts);
afterEach(() => rmSync(join(dir, "runs"), { recursive: true, force: true }));

/** Runs a command on a host. */
async function onHost(host: number, command: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const [first, ...rest] = [...on(host), ...command];
  const child = spawn(first!, rest, {
    cwd: dir,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return endOf(child);
}

/** Expects that a command has trained to the end. */
function expectTrained(...done: { code: number | null; output: string }[]): void {
  for (const { code, output } of done) expect(code, output).toBe(0);
  expect(runIn(dir, "twin-cluster").endings()).toEqual(["completed"]);
}

/** Returns the arguments of a documented command, for one process on each of two hosts. */
const documented = (program: string) =>
  block("sh", `${program} -`)
    .trim()
    .replace(/^\w+ /, "")
    .replace(/-(n|np) 16/, "-$1 2")
    .replace("-ppn 8", "-ppn 1")
    .replace("node1:8,node2:8", "node1:1,node2:1")
    .split(" ");

async function mpirun(env: NodeJS.ProcessEnv = {}) {
  const passed = Object.keys(env).flatMap((name) => ["-x", name]);
  const settings = ["--allow-run-as-root", "--mca", "plm_rsh_agent", ssh, ...passed];
  return onHost(0, ["mpirun.openmpi", ...settings, ...documented("mpirun")], env);
}

test("Open MPI: trains one process on each of two hosts, which share the folder of the runs", async () => {
  expectTrained(await mpirun());
});

test("Open MPI: trains without a file by a key and the address of the first host", async () => {
  expectTrained(await mpirun({ GRADBOOK_KEY: "secret", MASTER_ADDR: "node1" }));
});

test("MPICH: trains one process on each of two hosts", async () => {
  const settings = ["-launcher", "ssh", "-launcher-exec", ssh];
  expectTrained(await onHost(0, ["mpiexec.hydra", ...settings, ...documented("mpiexec")]));
});

test("ssh: the documented script trains on two hosts", async () => {
  writeFileSync(join(dir, "launch.sh"), block("sh", "# launch.sh").replace("per_host=2", "per_host=1"));
  const path = `${join(dir, "bin")}:${process.env.PATH}`;
  expectTrained(await onHost(0, ["bash", "launch.sh"], { PATH: path }));
});

/** The parts of the manifest that concern the processes. */
interface Manifest {
  metadata: { name: string };
  spec: {
    completions: number;
    template: {
      spec: {
        subdomain: string;
        containers: { command: string[]; env: { name: string; value?: string }[] }[];
      };
    };
  };
}

test("Kubernetes: joins the pods of the documented job by the names and variables that it gives them", async () => {
  const [service, job] = loadAll(block("yaml", "kind: Job")) as [Manifest, Manifest];
  const { name } = job.metadata;
  const { subdomain, containers } = job.spec.template.spec;
  expect([service.metadata.name, subdomain]).toEqual([name, name]);
  const [{ command, env }] = containers as [(typeof containers)[number]];
  expect(env).toContainEqual({ name: "WORLD_SIZE", value: String(job.spec.completions) });
  const pods = HOSTS.map(async (_, i) =>
    onHost(i, command, {
      WORLD_SIZE: "2",
      GRADBOOK_KEY: "secret",
      JOB_COMPLETION_INDEX: String(i),
      HOSTNAME: `${name}-${i}`,
    }),
  );
  expectTrained(...(await Promise.all(pods)));
});
