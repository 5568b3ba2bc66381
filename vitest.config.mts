import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Commands of their own, `npm run test:faults` and `npm run test:cluster`.
    exclude: ["test/faults/**", "test/cluster/**"],
    globalSetup: "test/python/set-up.ts",
    // Each test file is a process of its own: TensorFlow cannot be unloaded, and two threads are its default here.
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Tests of real processes have time limits, and CI's machines are shared: what fails twice fails.
    retry: process.env.CI ? 1 : 0,
  },
});
