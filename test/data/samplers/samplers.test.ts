import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Random } from "../../../lib/base/random";
import { DistributedSampler } from "../../../lib/data/samplers/distributed";
import { epochShares, shareOf } from "../../../lib/data/samplers/permutation";
import { batchOf } from "../../../lib/data/samplers/sampler";

interface Case {
  name: string;
  params: { length: number; num_replicas: number; shuffle: boolean; drop_last: boolean };
  outputs: { indices: { shape: [number, number]; data: number[] } };
}
const golden = (JSON.parse(readFileSync("test/parity/golden/samplers.json", "utf8")) as Case[]).filter(
  ({ name }) => name.startsWith("distributed"),
);

test.each(golden)("$name: gives each rank the same stride as PyTorch", ({ params, outputs }) => {
  const { length, num_replicas: worldSize, shuffle, drop_last: dropLast } = params;
  const ranks = Array.from({ length: worldSize }, (_, rank) => {
    return [...new DistributedSampler(length, { shuffle, dropLast, rank, worldSize }).indices()];
  });
  expect(ranks.flat()).toEqual(outputs.indices.data);
});

test("divides all samples among ranks, without overlap except for the padding", () => {
  const arbitrary = fc.record({ length: fc.integer({ min: 1, max: 60 }), worldSize: fc.integer({ min: 1, max: 7 }), seed: fc.nat(), epoch: fc.nat(99), dropLast: fc.boolean() }); // biome-ignore format: one record
  fc.assert(
    fc.property(arbitrary, ({ length, worldSize, seed, epoch, dropLast }) => {
      const ranks = Array.from({ length: worldSize }, (_, rank) => {
        const sampler = new DistributedSampler(length, { seed, rank, worldSize, dropLast });
        sampler.setEpoch(epoch);
        return [...sampler.indices()];
      });
      expect(new Set(ranks.map((r) => r.length)).size).toBe(1);
      const all = ranks.flat();
      const whole = dropLast ? Math.floor(length / worldSize) * worldSize : length;
      expect(new Set(all).size).toBe(whole);
      if (length % worldSize === 0) expect(all.toSorted((a, b) => a - b)).toEqual([...Array(length).keys()]);
    }),
  );
});

test("changes the order with the epoch, and repeats it for the same epoch", () => {
  const order = (epoch: number) => {
    const sampler = new DistributedSampler(100, { seed: 3 });
    sampler.setEpoch(epoch);
    return [...sampler.indices()];
  };
  expect(order(1)).toEqual(order(1));
  expect(order(1)).not.toEqual(order(2));
});

test("places shuffled samples at every position equally often, whatever their neighbour", () => {
  const [length, orders] = [7, 7000];
  const [places, pairs] = [new Float64Array(length ** 2), new Float64Array(length ** 2)];
  for (let seed = 0; seed < orders; seed++) {
    const order = new DistributedSampler(length, { seed }).indices();
    order.forEach((sample, place) => {
      places[place * length + sample]!++;
      if (place > 0) pairs[order[place - 1]! * length + sample]!++;
    });
  }
  // Six standard deviations of a count with expectation 1000.
  for (const count of places) expect(Math.abs(count - orders / length)).toBeLessThan(190);
  const unlike = pairs.filter((_, i) => i % (length + 1) !== 0);
  for (const count of unlike) expect(Math.abs(count - orders / length)).toBeLessThan(190);
});

test("yields each of two million samples once", () => {
  const length = 2_000_003;
  const sampler = new DistributedSampler(length, { seed: 1 });
  const seen = new Uint8Array(length);
  for (const sample of sampler.indices()) seen[sample]!++;
  expect(seen.every((count) => count === 1)).toBe(true);
});

test("yields full batches only, and fills up with padding samples", () => {
  const toBatch = batchOf([2, 3, 2], 3);
  const first = toBatch(Int32Array.of(6, 0, 3));
  expect([[...first.dataset], [...first.index]]).toEqual([
    [2, 0, 1],
    [1, 0, 1],
  ]);
  expect([...toBatch(Int32Array.of(4)).dataset]).toEqual([1, -1, -1]);
});

test("bases the length of an epoch of unequal datasets on all samples, the longest or the shortest", () => {
  const arbitrary = fc.record({
    sizes: fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 4 }),
    seed: fc.nat(),
    epoch: fc.nat(99),
  });
  fc.assert(
    fc.property(arbitrary, ({ sizes, seed, epoch }) => {
      expect(epochShares(sizes, "total")).toEqual(sizes);
      for (const length of ["longest", "shortest"] as const) {
        const shares = epochShares(sizes, length);
        const must = length === "longest" ? Math.max(...sizes) : Math.min(...sizes);
        expect(shares).toEqual(sizes.map(() => must));
        sizes.forEach((size, dataset) => {
          const share = shareOf(size, shares[dataset]!, { seed, epoch, dataset });
          const counts = new Array<number>(size).fill(0);
          for (let place = 0; place < must; place++) counts[share(place)]!++;
          // Samples repeat in turn: the counts of two samples differ by at most one.
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        });
      }
    }),
  );
});

test("random numbers have correct moments, independent streams by name, and Poisson counts", () => {
  const random = new Random(5, "test");
  const normals = Array.from({ length: 20_000 }, () => random.normal());
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  expect(Math.abs(mean(normals))).toBeLessThan(0.03);
  expect(Math.abs(mean(normals.map((x) => x * x)) - 1)).toBeLessThan(0.04);
  const counts = Array.from({ length: 20_000 }, () => random.poisson(0.7));
  expect(Math.abs(mean(counts) - 0.7)).toBeLessThan(0.03);
  expect(Math.abs(mean(counts.map((x) => (x - 0.7) ** 2)) - 0.7)).toBeLessThan(0.04);
  const [a, b] = [new Random(5).fork("a"), new Random(5).fork("b")];
  expect(a.uniform()).not.toBe(b.uniform());
  expect(new Random(5).fork("a").uniform()).toBe(new Random(5).fork("a").uniform());
});
