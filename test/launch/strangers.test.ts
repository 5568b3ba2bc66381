import { once } from "node:events";
import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { Fault } from "../../lib/distributed/logs";
import { invitationOf, isSameKey, newKey, writeInvitation } from "../../lib/distributed/meeting";
import { RendezvousServer } from "../../lib/distributed/rendezvous-server";
import { newFolder } from "../new-folder";

const KEY = "the right key";
let server: RendezvousServer | undefined;
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server?.close();
});

async function listening(worldSize = 2) {
  const faults: Fault[] = [];
  server = new RendezvousServer({
    worldSize,
    address: "127.0.0.1",
    port: 0,
    key: KEY,
    watchdog: 300,
    joinTimeout: 300,
    onFault: (fault) => faults.push(fault),
  });
  return { port: await server.listen(), faults };
}

/** A connection and the messages that it received. */
async function stranger(port: number) {
  const socket = connect({ host: "127.0.0.1", port });
  sockets.push(socket);
  const told: string[] = [];
  socket.on("error", () => {});
  socket.on("data", (text) => told.push(text.toString()));
  await once(socket, "connect");
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  return { socket, told, closed };
}

const joining = (rank: number, changes: object = {}) =>
  `${JSON.stringify({ say: "join", rank, worldSize: 2, port: 20_001 + rank, key: KEY, ...changes })}\n`;

test.each([
  ["null", "null\n"],
  ["a number", "3\n"],
  ["a list", "[]\n"],
  ["no JSON", "GET / HTTP/1.1\r\n\r\n"],
  ["nested brackets", `${"[".repeat(4000)}\n`],
  ["a message without its fields", '{"say":"join"}\n'],
  ["an unknown message", '{"say":"hello"}\n'],
  ["another's message before joining", '{"say":"done"}\n'],
  ["a field too many", joining(0, { more: 1 })],
  ["a rank that is no number", joining(0, { rank: "0" })],
  ["a rank that is infinite", joining(0, { rank: "#Infinity" })],
  ["a port that is none", joining(0, { port: 70_000 })],
  ["bytes that are no text", Buffer.from([255, 254, 0, 10])],
  ["input without a newline", "x".repeat(5000)],
])("%s closes the connection, and the training continues", async (_, text) => {
  const { port, faults } = await listening();
  const { socket, closed } = await stranger(port);
  socket.write(text);
  await closed;
  const worker = await stranger(port);
  worker.socket.write(joining(0));
  await expect.poll(() => worker.told.join("")).toBe('{"say":"welcome"}\n');
  expect(faults).toEqual([]);
});

test.each(["", "wrong", "the right ke", `${KEY}x`])("rejects the key %j", async (key) => {
  const { port } = await listening();
  const { socket, told, closed } = await stranger(port);
  socket.write(joining(0, { key }));
  await closed;
  expect(told.join("")).toBe('{"say":"stranger"}\n');
});

test("rejects an impossible or repeated rank with the reason", async () => {
  const { port } = await listening();
  const first = await stranger(port);
  first.socket.write(joining(0));
  await expect.poll(() => first.told.length).toBe(1);
  const refusals = [
    [joining(2), "rank 2 is not below WORLD_SIZE, which is 2"],
    [joining(0), "there are two processes with rank 0"],
    [joining(1, { worldSize: 3 }), "rank 1 has WORLD_SIZE 3, but rank 0 has 2"],
  ] as const;
  for (const [text, reason] of refusals) {
    const { socket, told, closed } = await stranger(port);
    socket.write(text);
    await closed;
    expect(told.join("")).toBe(`${JSON.stringify({ say: "abort", reason })}\n`);
  }
});

test("closes the oldest of many idle connections, so that workers can still join", async () => {
  const { port, faults } = await listening();
  const idle = await Promise.all(Array.from({ length: 150 }, () => stranger(port)));
  await Promise.all(idle.slice(0, 60).map(({ closed }) => closed));
  const workers = await Promise.all([stranger(port), stranger(port)]);
  workers.forEach(({ socket }, rank) => {
    socket.write(joining(rank));
  });
  await expect.poll(() => workers.every(({ told }) => told.join("").includes('"start"'))).toBe(true);
  expect(faults).toEqual([]);
});

test("closes a silent connection after 10 s", async () => {
  const { port } = await listening();
  const began = Date.now();
  const { closed } = await stranger(port);
  await closed;
  expect(Date.now() - began).toBeGreaterThan(9000);
  expect(Date.now() - began).toBeLessThan(15_000);
});

test("treats an invalid message of a worker as a failure of its rank, without throwing", async () => {
  const { port, faults } = await listening();
  const { socket, told } = await stranger(port);
  socket.write(joining(0));
  await expect.poll(() => told.length).toBe(1);
  socket.write('{"say":"beat","moves":null}\n');
  await expect.poll(() => faults, { timeout: 5000 }).toEqual([{ rank: 0, message: "its process ended" }]);
});

test("writes an invitation that only this user may read, in place of an earlier one", () => {
  const file = join(newFolder(), "run", ".join-1.json");
  expect(invitationOf({ file })).toEqual({});
  mkdirSync(join(file, ".."));
  writeFileSync(file, "half an earlier o", { mode: 0o644 });
  expect(invitationOf({ file })).toEqual({});
  const invitation = { addresses: ["10.0.0.1"], port: 29_500, key: newKey() };
  writeInvitation(file, invitation);
  expect(invitation.key).toMatch(/^[0-9a-f]{64}$/);
  expect(newKey()).not.toBe(invitation.key);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(invitationOf({ file })).toEqual(invitation);
  expect(existsSync(file)).toBe(true);
});

test("compares keys", () => {
  expect([isSameKey("a", "a"), isSameKey("a", "b"), isSameKey("", "a")]).toEqual([true, false, false]);
});
