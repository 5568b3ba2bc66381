import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fenceCluster } from "../../lib/engine/fence";
import { senderFilter } from "../../lib/engine/packet-filter";
import { newFolder } from "../new-folder";
import { ADDRESSES, makeHosts, NOBODY, on, rankOn, removeHosts } from "./hosts";
import { script, until } from "./processes";

const refused = makeHosts();
if (refused) console.warn(`Tests on several hosts are left out: ${refused}`);
const dir = newFolder();
beforeAll(() => {
  // The second host has an additional address that the training does not know.
  if (!refused) run(1, "sh", "-c", `ip addr add ${NOBODY}/24 dev $(ls /sys/class/net | grep -v lo)`);
});
afterAll(() => {
  removeHosts();
});

function run(host: number, ...command: string[]): string {
  const [first, ...rest] = [...on(host), ...command];
  return spawnSync(first!, rest, { encoding: "utf8" }).stdout;
}

/** Returns the local addresses and ports of listening sockets on a host. */
const listening = (host: number) =>
  run(host, "ss", "-ltnH")
    .split("\n")
    .filter(Boolean)
    .map((line) => line.trim().split(/\s+/)[3]!);
const portOf = (address: string) => Number(address.split(":").at(-1));

/** Whether a connection from the second host can be made. */
function connects(from: string, port: number): boolean {
  const code = `const socket = require("net").connect({ host: "${ADDRESSES[0]}", port: ${port}, localAddress: "${from}" });
    socket.on("connect", () => process.exit(0)).on("error", () => process.exit(1)); setTimeout(() => process.exit(2), 1500);`;
  const [first, ...rest] = [...on(1), process.execPath, "-e", code];
  return spawnSync(first!, rest).status === 0;
}

const checkpoint = (name: string) => join(dir, name, "checkpoints", "last.safetensors");

test.skipIf(refused)(
  "blocks connections from another machine to TensorFlow's servers of processes on one machine",
  async () => {
    const job = { dir, name: "local", epochs: 10_000, devices: 2, batchSize: 6, result: join(dir, "local") };
    const { child, ended } = script("script.ts", job, {}, on(0));
    await until(() => existsSync(checkpoint("local")), ended);
    const found = listening(0);
    const servers = found.filter((address) => !address.startsWith("127.0.0.1"));
    expect(servers).toHaveLength(2);
    for (const address of servers) {
      expect(address).toContain("%lo:");
      expect(connects(ADDRESSES[1], portOf(address))).toBe(false);
    }
    child.kill("SIGTERM");
    const { output } = await ended;
    expect(output).not.toContain("gradbook: ");
  },
);

test.skipIf(refused)(
  "accepts connections to TensorFlow's servers on two hosts from these hosts only",
  async () => {
    const start = (host: number) =>
      script(
        "script.ts",
        { dir, name: "two", epochs: 10_000, batchSize: 6, overwrite: true, result: join(dir, `two${host}`) },
        rankOn(host),
        on(host),
      );
    const first = start(0);
    const invitations = () => readdirSync(dir).filter((name) => name.startsWith(".join-"));
    await until(() => invitations().length > 0, first.ended);
    expect(statSync(join(dir, invitations()[0]!)).mode & 0o777).toBe(0o600);
    const second = start(1);
    await until(() => existsSync(checkpoint("two")), first.ended);
    expect(invitations()).toEqual([]);
    const [server] = listening(0).filter((address) => portOf(address) !== 29_500);
    expect(connects(ADDRESSES[1], portOf(server!))).toBe(true);
    expect(connects(NOBODY, portOf(server!))).toBe(false);
    for (const { child } of [first, second]) child.kill("SIGTERM");
    const [{ output }] = await Promise.all([first.ended, second.ended]);
    expect(output).toContain(
      `gradbook: the processes exchange gradients by TensorFlow's gRPC servers, without encryption and without a password. Each takes connections from this training's hosts only (this one and ${ADDRESSES[1]}), from all users of these; docs/clusters.md says how to fence them.`,
    );
  },
);

test("reports a port that cannot be fenced because this process does not listen on it", () => {
  expect(fenceCluster(1, ["127.0.0.1"])).toEqual({
    failed: true,
    notice:
      "TensorFlow's server at port 1 could not be restricted (its socket was not found). It has no password: whoever reaches the port can " +
      "read and change what is trained. Close the port to other hosts; docs/clusters.md says how.",
  });
});

test("installs the filter for many hosts, with IPv4 and IPv6", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const { port } = server.address() as { port: number };
  const hosts = Array.from({ length: 300 }, (_, i) => `10.1.${Math.floor(i / 200)}.${(i % 200) + 1}`);
  const { failed, notice } = fenceCluster(port, [...hosts, "2001:db8::7", "::ffff:192.0.2.8"]);
  expect([failed, notice?.slice(0, 40)]).toEqual([false, "the processes exchange gradients by Tens"]);
  await new Promise((resolve) => server.close(resolve));
});

test("compares the sender of each version of IP in the filter", () => {
  const instructions = (program: Buffer) =>
    Array.from({ length: program.length / 8 }, (_, i) => [
      program.readUInt16LE(8 * i),
      program[8 * i + 2],
      program[8 * i + 3],
      program.readUInt32LE(8 * i + 4),
    ]);
  const [load, net] = [0x20, 0xfff00000];
  expect(instructions(senderFilter(["10.0.0.1", "2001:db8::7"]))).toEqual([
    [0x30, 0, 0, net], [0x54, 0, 0, 0xf0], [0x15, 1, 0, 0x40], [0x05, 0, 0, 4],
    [load, 0, 0, net + 12], [0x15, 0, 1, 0x0a000001], [0x06, 0, 0, 0xffffffff], [0x06, 0, 0, 0],
    [load, 0, 0, net + 8], [0x15, 0, 7, 0x20010db8], [load, 0, 0, net + 12], [0x15, 0, 5, 0],
    [load, 0, 0, net + 16], [0x15, 0, 3, 0], [load, 0, 0, net + 20], [0x15, 0, 1, 7],
    [0x06, 0, 0, 0xffffffff], [0x06, 0, 0, 0],
  ]); // biome-ignore format: a program
});
