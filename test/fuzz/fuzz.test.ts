import { expect, test } from "vitest";
import { FAMILIES } from "./family";
import { runFamily } from "./run-family";

// More time for an input than `npm run test:fuzz` gives: the machine runs other tests at the same time.
const PLAN = { seed: 2, last: 60, longest: 30_000 };

test.concurrent.each(Object.keys(FAMILIES))("hostile %s end in errors written for users", async (name) => {
  expect(await runFamily(name, PLAN)).toEqual([]);
});
