import { existsSync, readdirSync, readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { freePort } from "../../lib/distributed/ports";
import { newFolder } from "../new-folder";
import { script, until } from "./processes";

let dir: string;
beforeEach(() => {
  dir = newFolder();
});

/** The variables of mpirun for two processes, on one host or on two. */
const mpirun = (rank: number, { hosts = 1 } = {}) => ({
  OMPI_COMM_WORLD_RANK: String(rank),
  OMPI_COMM_WORLD_SIZE: "2",
  PMIX_NAMESPACE: dir,
  OMPI_COMM_WORLD_LOCAL_RANK: hosts === 1 ? String(rank) : "0",
  OMPI_COMM_WORLD_LOCAL_SIZE: hosts === 1 ? "2" : "1",
});

/** Runs the script in two processes, with the options of each. */
const both = (options: (rank: number) => object, variables: (rank: number) => NodeJS.ProcessEnv) =>
  [0, 1].map((rank) =>
    script(
      "script.ts",
      { dir, batchSize: 6, epochs: 2, result: join(dir, `rank${rank}`), ...options(rank) },
      variables(rank),
    ),
  );
const ended = async (started: ReturnType<typeof both>) => Promise.all(started.map((each) => each.ended));
const result = (rank: number) => JSON.parse(readFileSync(join(dir, `rank${rank}-0.json`), "utf8"));

test("joins the processes of mpirun by an invitation in the folder of the runs", async () => {
  const done = await ended(both(() => ({}), mpirun));
  expect(done.map(({ code, output }) => code || output)).toEqual(["", ""]);
  expect(result(0).history).toHaveLength(2);
  expect(result(1)).toEqual(result(0));
  expect(readdirSync(dir).filter((name) => name.startsWith(".join"))).toEqual([]);
});

/** The variables of other launchers for two processes on one host, as their documentation and sources name them. */
const LAUNCHED: Record<string, (rank: string) => NodeJS.ProcessEnv> = {
  "MPICH's mpiexec": (rank) => ({
    PMI_RANK: rank,
    PMI_SIZE: "2",
    MPI_LOCALRANKID: rank,
    MPI_LOCALNRANKS: "2",
    // Inside a step of SLURM that started mpiexec's daemons.
    SLURM_JOB_ID: "7",
    SLURM_PROCID: "0",
    SLURM_STEP_NUM_TASKS: "2",
  }),
  PALS: (rank) => ({
    PBS_JOBID: "7.pbs",
    PALS_APID: "e1c0",
    PALS_RANKID: rank,
    PALS_NODEID: "0",
    PALS_LOCAL_RANKID: rank,
    PMI_RANK: rank,
    PMI_SIZE: "2",
    PMI_LOCAL_RANK: rank,
    PMI_LOCAL_SIZE: "2",
  }),
  jsrun: (rank) => ({
    LSB_JOBID: "7",
    JSM_NAMESPACE_RANK: rank,
    JSM_NAMESPACE_SIZE: "2",
    JSM_NAMESPACE_LOCAL_RANK: rank,
    JSM_NAMESPACE_LOCAL_SIZE: "2",
  }),
  Flux: (rank) => ({
    FLUX_JOB_ID: "f2",
    FLUX_JOB_SIZE: "2",
    FLUX_JOB_NNODES: "1",
    FLUX_TASK_RANK: rank,
    FLUX_TASK_LOCAL_ID: rank,
    PMI_RANK: rank,
    PMI_SIZE: "2",
  }),
};

test.each(Object.entries(LAUNCHED))("joins the processes of %s", async (_, variables) => {
  const done = await ended(
    both(
      () => ({}),
      (rank) => variables(String(rank)),
    ),
  );
  expect(done.map(({ code, output }) => code || output)).toEqual(["", ""]);
  expect(result(0).history).toHaveLength(2);
  expect(result(1)).toEqual(result(0));
});

test("takes connections from this host only, if all processes are on it", async () => {
  const [first] = both(() => ({}), mpirun);
  const file = () => readdirSync(dir).find((name) => name.startsWith(".join"));
  await until(() => file() !== undefined, first!.ended);
  expect(JSON.parse(readFileSync(join(dir, file()!), "utf8")).addresses).toEqual(["127.0.0.1"]);
  expect((await first!.ended).code).toBe(0);
});

test("invites processes of other hosts to the addresses of this one", async () => {
  const [first, second] = both(
    () => ({}),
    (rank) => mpirun(rank, { hosts: 2 }),
  );
  const file = () => readdirSync(dir).find((name) => name.startsWith(".join"));
  await until(() => file() !== undefined, first!.ended);
  const own = Object.values(networkInterfaces()).flatMap((each) => each!.map(({ address }) => address));
  const { addresses, port } = JSON.parse(readFileSync(join(dir, file()!), "utf8"));
  expect(own).toEqual(expect.arrayContaining(addresses));
  expect(port).toBeGreaterThanOrEqual(20_000);
  const done = await ended([first!, second!]);
  expect(done.map(({ code, output }) => (code ? output : ""))).toEqual(["", ""]);
});

test("refuses to train different things, and names the difference", async () => {
  const done = await ended(
    both((rank) => ({ seed: rank, gradientClipVal: rank + 1, name: `run-${rank}` }), mpirun),
  );
  expect(done.map(({ code }) => code === 0)).toEqual([false, false]);
  expect(done[0]!.output).toContain(
    [
      "ConfigError: the processes train different things:",
      "  - trainer.seed: is 0 in rank 0, but 1 in rank 1; start all processes with the same configuration",
      "  - trainer.gradientClipVal: is 1 in rank 0, but 2 in rank 1; start all processes with the same configuration",
    ].join("\n"),
  );
  expect(existsSync(join(dir, "run-0", "checkpoints"))).toBe(false);
});

test("a process may load its module for longer than the others wait for it to join", async () => {
  const started = both(
    (rank) => ({ loading: rank === 1 ? 12 : 0 }),
    (rank) => ({ ...mpirun(rank), GRADBOOK_JOIN_TIMEOUT: "8" }),
  );
  const done = await ended(started);
  expect(done.map(({ code, output }) => code || output)).toEqual(["", ""]);
  expect(result(1)).toEqual(result(0));
});

/** Each process has a folder of its own, as on hosts without a shared file system. */
const apart = (rank: number) => ({ dir: join(dir, `host${rank}`) });

test("trains and resumes without a shared folder, which only rank 0 writes", async () => {
  const keyed = async () => {
    const port = String(await freePort());
    return (rank: number) => ({ ...mpirun(rank), GRADBOOK_KEY: "secret", MASTER_PORT: port });
  };
  const whole = await ended(both((rank) => ({ ...apart(rank), name: "whole", epochs: 4 }), await keyed()));
  expect(whole.map(({ code, output }) => code || output)).toEqual(["", ""]);
  const expected = result(0);
  for (const epochs of [2, 4]) {
    const done = await ended(both((rank) => ({ ...apart(rank), epochs, resume: "auto" }), await keyed()));
    expect(done.map(({ code, output }) => code || output)).toEqual(["", ""]);
  }
  expect([result(0), result(1)]).toEqual([expected, expected]);
  expect(readdirSync(join(dir, "host0", "run", "checkpoints"))).toContain("last.safetensors");
  expect(existsSync(join(dir, "host1"))).toBe(false);
});

test("ends the other processes at once when rank 0 cannot resume", async () => {
  const started = both(
    (rank) => ({ ...apart(rank), resume: join(dir, "none.safetensors") }),
    (rank) => ({
      ...mpirun(rank),
      GRADBOOK_KEY: "secret",
    }),
  );
  const done = await ended(started);
  expect(done[0]!.output).toContain("none.safetensors: no such checkpoint; check the path");
  expect(done[1]!.output).toContain("none.safetensors: no such checkpoint; check the path");
  expect(Math.max(...done.map(({ seconds }) => seconds))).toBeLessThan(30);
});
