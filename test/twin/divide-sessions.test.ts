import fc from "fast-check";
import { expect, test } from "vitest";
import { balanced } from "../../lib/twin/divide-sessions";

test("gives the largest sessions out first, each to the process with the least load", () => {
  // Graham's example of 2 workers: {3, 3} and {2, 2, 2} would be best, and the rule gives {3, 2, 2} and {3, 2}.
  expect(balanced([3, 3, 2, 2, 2], 2)).toEqual([0, 1, 0, 1, 0]);
  expect(balanced([1, 5, 1, 1, 1], 2)).toEqual([1, 0, 1, 1, 1]);
  expect(balanced([4, 4, 4], 3)).toEqual([0, 1, 2]);
});

test("each process gets a session, and no load exceeds Graham's bound", () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 4, maxLength: 30 });
  fc.assert(
    fc.property(sizes, fc.integer({ min: 1, max: 4 }), (given, workers) => {
      const owners = balanced(given, workers);
      const loads = Array.from({ length: workers }, (_, worker) =>
        given.reduce((sum, size, job) => (owners[job] === worker ? sum + size : sum), 0),
      );
      expect(Math.min(...loads)).toBeGreaterThan(0);
      const total = given.reduce((a, b) => a + b, 0);
      expect(Math.max(...loads)).toBeLessThanOrEqual(
        total / workers + Math.max(...given) * (1 - 1 / workers),
      );
    }),
  );
});
