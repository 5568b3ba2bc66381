import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { root: ".", include: ["test/browser/**/*.browser.ts"], pool: "forks", testTimeout: 600_000 },
});
