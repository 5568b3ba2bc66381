import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

const made: string[] = [];

/** An empty folder, removed when the tests of the file that imports this are over. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "gradbook-"));
  made.push(folder);
  return folder;
}

afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});
