import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { BlockCache, cacheMemory, releaseLock } from "../../../lib/data/serving/block-cache";

/** Reads blocks that are filled with their number, and returns those that were not in the cache. */
function read(cache: BlockCache, blocks: readonly [session: number, block: number][]): string[] {
  const missed: string[] = [];
  cache.exclusively(() => {
    for (const [session, block] of blocks) {
      const bytes = cache.block(session, block, (target) => {
        missed.push(`${session}/${block}`);
        target.fill(10 * session + block);
      });
      expect([...bytes]).toEqual(new Array(4).fill(10 * session + block));
    }
  });
  return missed;
}

test("keeps as many blocks as its size allows, and replaces the oldest", () => {
  const memory = cacheMemory(13, 4);
  expect(memory.slots).toBe(3);
  const cache = new BlockCache(memory);
  expect(read(cache, [[0, 1], [0, 1], [1, 1], [0, 1]])).toEqual(["0/1", "1/1"]); // biome-ignore format: a list
  expect(read(cache, [[0, 2], [0, 3], [0, 1], [1, 1]])).toEqual(["0/2", "0/3", "0/1", "1/1"]); // biome-ignore format: a list
  expect(cacheMemory(0, 4).slots).toBe(1);
});

test("shares its blocks with another cache over the same memory, and reads that cache's changes", () => {
  const memory = cacheMemory(8, 4);
  const [one, other] = [new BlockCache(memory), new BlockCache(memory)];
  read(one, [[0, 1], [0, 2]]); // biome-ignore format: a list
  expect(read(other, [[0, 1], [0, 2], [0, 3]])).toEqual(["0/3"]); // biome-ignore format: a list
  expect(read(one, [[0, 2], [0, 3], [0, 1]])).toEqual(["0/1"]); // biome-ignore format: a list
});

test("does not keep a block whose read failed", () => {
  const cache = new BlockCache(cacheMemory(8, 4));
  const fails = () => {
    throw new Error("no disk");
  };
  expect(() => cache.exclusively(() => cache.block(0, 1, fails))).toThrow("no disk");
  expect(read(cache, [[0, 1]])).toEqual(["0/1"]);
});

test("waits while another thread uses the cache", async () => {
  const memory = cacheMemory(8, 4);
  memory.state[0] = 99;
  const worker = new Worker(
    `const { workerData: state } = require("node:worker_threads");
setTimeout(() => { Atomics.store(state, 0, 0); Atomics.notify(state, 0, 1); }, 50);`,
    { eval: true, workerData: memory.state },
  );
  expect(read(new BlockCache(memory), [[0, 1]])).toEqual(["0/1"]);
  await worker.terminate();
});

test("can be used again after the thread that used it was terminated", () => {
  const memory = cacheMemory(8, 4);
  memory.state[0] = 5 + 1;
  releaseLock(memory, 4);
  expect(memory.state[0]).toBe(6);
  releaseLock(memory, 5);
  expect(read(new BlockCache(memory), [[0, 1]])).toEqual(["0/1"]);
});
