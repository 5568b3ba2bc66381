import { defineConfig } from "vitest/config";

/** Tests that kill, fill disks and break numbers; `npm test` leaves out those of this folder. */
export default defineConfig({
  test: {
    root: ".",
    include: ["test/faults/*.test.ts", "test/trainer/resume.test.ts"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 60_000,
    retry: process.env.CI ? 1 : 0,
  },
});
