import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fromJson, writeAtomically } from "../../base/files/atomic";
import { makeFolder } from "../../base/files/folder";
import { summaryCsv } from "./board";
import type { Share } from "./placement";
import { notRun, type Outcome } from "./queue";

/**
 * Records the outcomes of a share of a batch, and writes `summary.csv` with those of all shares so far. The process that ends last writes
 * all of them.
 */
export function writeShare(
  folder: string,
  jobs: readonly { name: string }[],
  { index, of }: Share,
  outcomes: readonly Outcome[],
): void {
  const shares = join(folder, "shares");
  const fileOf = (i: number) => join(shares, `${i}-of-${of}.json`);
  makeFolder(shares);
  writeAtomically(fileOf(index), [JSON.stringify(outcomes)]);
  const texts = () =>
    Array.from({ length: of }, (_, i) => (existsSync(fileOf(i)) ? readFileSync(fileOf(i), "utf8") : "[]"));
  for (let written: string[] = []; ; ) {
    const found = texts();
    // Another share may have ended, and written the summary, meanwhile.
    if (found.join() === written.join()) return;
    const known = found.flatMap((text) => fromJson<Outcome[]>(text) ?? []);
    const all = jobs.map(({ name }) => known.find((outcome) => outcome.name === name) ?? notRun(name));
    writeAtomically(join(folder, "summary.csv"), [summaryCsv(all)]);
    written = found;
  }
}
