import { spawn } from "node:child_process";
import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeHosts, nameHosts, on, removeHosts } from "../launch/hosts";
import { endOf } from "../launch/processes";
import { block, makeProject, runIn } from "./project";

const HOSTS = ["node1", "node2"] as const;
let dir: string;
beforeAll(async () => {
  const refused = makeHosts();
  if (refused) throw new Error(refused);
  dir = await makeProject(1000);
  nameHosts(HOSTS);
  // Stands for ssh: starts a command on a host.
  const cases = HOSTS.map((host, i) => `${host}) exec ${on(i).join(" ")} sh -c "$*" ;;`);
  writeFileSync(join(dir, "rsh"), `#!/bin/sh\nhost=$1; shift\ncase $host in\n${cases.join("\n")}\nesac\n`);
  chmodSync(join(dir, "rsh"), 0o755);
});
afterAll(removeHosts);

/** Runs the documented command, for one process on each of two hosts. */
function mpirun(env: NodeJS.ProcessEnv = {}, exported: readonly string[] = []) {
  const words = block("sh", "mpirun").trim().split(" ").slice(1);
  const command = words
    .join(" ")
    .replace("-np 16", "-np 2")
    .replace("node1:8,node2:8", "node1:1,node2:1")
    .split(" ");
  const settings = [
    "--allow-run-as-root",
    "--mca",
    "plm_rsh_agent",
    join(dir, "rsh"),
    ...exported.flatMap((name) => ["-x", name]),
  ];
  const [first, ...rest] = [...on(0), "mpirun", ...settings, ...command];
  const child = spawn(first!, rest, {
    cwd: dir,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return endOf(child);
}

test("trains one process on each of two hosts, which share the folder of the runs", async () => {
  const done = await mpirun();
  expect(done.code, done.output).toBe(0);
  expect(runIn(dir, "twin-cluster").endings()).toEqual(["completed"]);
});

test("trains without a file by a key and the address of the first host", async () => {
  rmSync(join(dir, "runs"), { recursive: true });
  const done = await mpirun({ GRADBOOK_KEY: "secret", MASTER_ADDR: "node1" }, [
    "GRADBOOK_KEY",
    "MASTER_ADDR",
  ]);
  expect(done.code, done.output).toBe(0);
  expect(runIn(dir, "twin-cluster").endings()).toEqual(["completed"]);
});
