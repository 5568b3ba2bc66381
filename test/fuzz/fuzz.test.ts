import { expect, test } from "vitest";
import { FAMILIES } from "./family";
import { runFamily } from "./run-family";

// Inputs get more time than in `npm run test:fuzz`, because the machine runs other tests at the same time.
const PLAN = { seed: 2, last: 60, longest: 30_000 };

test.concurrent.each(Object.keys(FAMILIES))("hostile %s end in errors written for users", async (name) => {
  expect(await runFamily(name, PLAN)).toEqual([]);
});
