import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

const made: string[] = [];

/** Creates an empty folder, which is removed after the tests of the importing file. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "gradbook-"));
  made.push(folder);
  return folder;
}

afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});
