import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { newFolder } from "../new-folder";
import { cut, makeHosts, mend, NOBODY, on, rankOn, removeHosts } from "./hosts";
import { script, until } from "./processes";

const refused = makeHosts();
if (refused) console.warn(`Tests on several hosts are left out: ${refused}`);

const dir = newFolder();
afterAll(() => {
  removeHosts();
});

/** Runs the script on a host with the variables that a launcher sets there. */
function start(host: number, options: object, env: NodeJS.ProcessEnv = {}) {
  const job = { dir, batchSize: 6, overwrite: true, result: join(dir, `host${host}`), ...options };
  return script("script.ts", job, { ...rankOn(host), ...env }, on(host));
}

test.skipIf(refused)("two hosts train like one", async () => {
  const one = script("script.ts", { dir, batchSize: 12, epochs: 3, name: "one", result: join(dir, "one") });
  const done = await Promise.all(
    [one, start(0, { epochs: 3 }), start(1, { epochs: 3 })].map(({ ended }) => ended),
  );
  const notice = expect.stringMatching(
    /^gradbook: the processes exchange gradients by TensorFlow's gRPC servers, .*\n$/,
  );
  expect(done.map(({ code, output }) => code || output)).toEqual(["", notice, ""]);
  const [alone, ...hosts] = ["one-0", "host0-0", "host1-1"].map((name) =>
    JSON.parse(readFileSync(join(dir, `${name}.json`), "utf8")),
  );
  expect(hosts[0]).toEqual(hosts[1]);
  const losses = (run: { history: { train_loss: number }[] }) =>
    run.history.map(({ train_loss }) => train_loss);
  losses(hosts[0]).forEach((loss, i) => {
    expect(Math.abs(loss / losses(alone)[i]! - 1)).toBeLessThan(1e-5);
  });
});

test.skipIf(refused)("gives up an unreachable host within 15 s", async () => {
  const done = await start(1, { epochs: 1 }, { MASTER_ADDR: NOBODY }).ended;
  expect(done.code).toBe(1);
  const [, seconds] =
    /Rank 1 cannot reach 10\.77\.0\.9:29500, where the ranks meet, for (\d+) s \(EHOSTUNREACH\): check MASTER_ADDR/.exec(
      done.output,
    )!;
  // Without the start of the process, whose time depends on the load of the machine.
  expect(Number(seconds)).toBeLessThan(15);
});

test.skipIf(refused)("names a host that the others cannot connect to, with a remedy", async () => {
  const hosts = [start(0, { epochs: 1 }), start(1, { epochs: 1 }, { GRADBOOK_HOST: NOBODY })];
  const [first] = await Promise.all(hosts.map(({ ended }) => ended));
  expect(first!.output).toMatch(
    /gradbook: rank 0 ends: rank 0: it cannot reach rank 1 at 10\.77\.0\.9:\d+ \((EHOSTUNREACH|ETIMEDOUT)\)/,
  );
  expect(first!.output).toContain("set GRADBOOK_HOST on each to an address that the others reach");
  // It takes 5 s; the rest is the start of two processes.
  expect(first!.seconds).toBeLessThan(60);
});

test.skipIf(refused)("ends all hosts within 30 s after a cable is unplugged", async () => {
  const name = "cut";
  const hosts = [start(0, { epochs: 10_000, name }), start(1, { epochs: 10_000, name })];
  await until(() => existsSync(join(dir, name, "checkpoints", "last.safetensors")));
  cut();
  const began = Date.now();
  const done = await Promise.all(hosts.map(({ ended }) => ended));
  mend();
  expect(Date.now() - began).toBeLessThan(30_000);
  expect(done[0]!.output).toContain("rank 1: its process or host has not answered for 8 s");
  expect(done[1]!.output).toContain("rank 1 ends: rank 0 or its host does not answer");
});
