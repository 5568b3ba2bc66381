import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    root: ".",
    include: ["test/browser/**/*.browser.ts"],
    pool: "forks",
    // CI's machines are shared: what fails twice fails.
    retry: process.env.CI ? 1 : 0,
    // JupyterLab, Chromium and a kernel share the machine.
    testTimeout: 600_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 15_000 } },
  },
});
