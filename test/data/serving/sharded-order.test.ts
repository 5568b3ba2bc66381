import fc from "fast-check";
import { expect, test } from "vitest";
import type { SampleBatch } from "../../../lib/data/samplers/sampler";
import { BatchOrder } from "../../../lib/data/serving/batch-order";
import { ShardedOrder, sessionsOf } from "../../../lib/data/serving/sharded-order";

const OPTIONS = {
  homogeneousBatches: false,
  epochLength: "total",
  dropLast: false,
  warmupSteps: 0,
} as const;

const arbitrary = fc.record({
  sizes: fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 3, maxLength: 7 }),
  batchSize: fc.integer({ min: 1, max: 9 }),
  worldSize: fc.integer({ min: 2, max: 3 }),
  seed: fc.nat(),
});

/** Returns the samples of batches, as texts, in order. */
const samplesOf = (batches: readonly SampleBatch[], numbers?: readonly number[]) =>
  batches
    .flatMap(({ dataset, index }) =>
      [...dataset].flatMap((session, i) =>
        session < 0 ? [] : [`${numbers?.[session] ?? session} ${index[i]}`],
      ),
    )
    .sort();

function ordersOf(sizes: readonly number[], worldSize: number) {
  const owners = sizes.map((_, session) => (session * 2 + 1) % worldSize);
  const counts = sizes.map((size) => ({ train: size, validation: size }));
  return Array.from({ length: worldSize }, (_, rank) => ({
    numbers: sessionsOf({ owners }, rank),
    order: new ShardedOrder(counts, OPTIONS, { rank, worldSize, owners }),
  }));
}

test("each batch of all processes together has the samples of the undivided batches, with one length in all processes", () => {
  fc.assert(
    fc.property(arbitrary, ({ sizes, worldSize, ...rest }) => {
      const request = { ...rest, pass: 1 };
      const whole = new BatchOrder(sizes, OPTIONS);
      const undivided = Array.from({ length: worldSize }, (_, rank) => [
        ...whole.train({ ...request, rank, worldSize }),
      ]);
      const parts = ordersOf(sizes, worldSize).map(({ numbers, order }) => ({
        numbers,
        batches: [...order.train(request)],
      }));
      undivided[0]!.forEach((_, b) => {
        const all = parts.flatMap(({ numbers, batches }) => samplesOf([batches[b]!], numbers));
        expect(all.sort()).toEqual(samplesOf(undivided.map((batches) => batches[b]!)));
        expect(new Set(parts.map(({ batches }) => batches[b]!.dataset.length)).size).toBe(1);
      });
      for (const { batches } of parts) expect(batches).toHaveLength(undivided[0]!.length);
    }),
  );
});

test("a pass that continues at a batch serves the same batches", () => {
  const [{ order }] = ordersOf([20, 30, 10], 2) as [ReturnType<typeof ordersOf>[number]];
  const request = { batchSize: 4, seed: 3, pass: 2 };
  expect([...order.train({ ...request, from: 3 })]).toEqual([...order.train(request)].slice(3));
});

test("validates on the samples of as many undivided batches as the limit says", () => {
  fc.assert(
    fc.property(arbitrary, fc.integer({ min: 1, max: 9 }), ({ sizes, worldSize, ...rest }, limit) => {
      const request = { ...rest, pass: 0 };
      const undivided = [...BatchOrder.validation(sizes, request)].slice(0, limit);
      const parts = ordersOf(sizes, worldSize).map(({ numbers, order }) => ({
        numbers,
        batches: [...order.validation({ ...request, limit })],
      }));
      const all = parts.flatMap(({ numbers, batches }) => samplesOf(batches, numbers));
      expect(all.sort()).toEqual(samplesOf(undivided));
      for (const { batches } of parts) {
        expect(batches.length).toBeGreaterThan(0);
        for (const { dataset } of batches) expect(dataset).toHaveLength(rest.batchSize);
      }
    }),
  );
});

test.each([
  [16, 32],
  [8, 16],
  [2, 4],
])("lengths of batches of %i are few: multiples of a quarter of it or of 4", (batchSize, most) => {
  const [{ order }] = ordersOf([400, 300, 500, 800], 2) as [ReturnType<typeof ordersOf>[number]];
  const lengths = [...order.train({ batchSize, seed: 1, pass: 0 })].map(({ dataset }) => dataset.length);
  const unit = Math.min(batchSize, 4);
  for (const length of lengths) expect(length % unit).toBe(0);
  expect(Math.max(...lengths)).toBeLessThanOrEqual(most);
});
