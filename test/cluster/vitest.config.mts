import { defineConfig } from "vitest/config";

/** Tests with real launchers, which `npm run test:cluster` installs; `npm test` leaves out those of this folder. */
export default defineConfig({
  test: {
    root: ".",
    include: ["test/cluster/*.test.ts"],
    globalSetup: "test/cluster/set-up.ts",
    pool: "forks",
    maxWorkers: 1,
    testTimeout: 300_000,
    hookTimeout: 300_000,
    retry: process.env.CI ? 1 : 0,
  },
});
