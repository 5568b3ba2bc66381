import { readdirSync, readFileSync, rmSync, symlinkSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { parseHTML } from "linkedom";
import { beforeAll, expect, test } from "vitest";
import { ModelCheckpoint } from "../../../lib/callbacks/model-checkpoint";
import { openRun } from "../../../lib/evaluation/report/open-run";
import { writeReport } from "../../../lib/evaluation/report/report";
import { Trainer } from "../../../lib/trainer/trainer";
import { newFolder } from "../../new-folder";
import { Toy } from "../../trainer/toy";
import { writeHostileRun } from "./hostile-run";

const dir = newFolder();
const folder = join(dir, "run");
const DAMAGED = "damaged or not a checkpoint: use another one of the same run's checkpoints folder";
const NO_PICTURES = "There are no pictures of the model, because its checkpoint cannot be read: ";

beforeAll(async () => {
  const callbacks = [new ModelCheckpoint({ monitor: "val_loss" })];
  await new Trainer({ dir, batchSize: 4, maxEpochs: 2, callbacks }).fit(new Toy());
});

/** Returns the warnings and the titles of a page. */
async function pageOf(run: string) {
  const { document } = parseHTML(readFileSync(await writeReport(run), "utf8"));
  const texts = (selector: string) =>
    [...document.querySelectorAll(selector)].map(({ textContent }) => textContent!);
  return { warnings: texts(".warning"), titles: texts("h2") };
}

test("reports a run with damaged checkpoints with its curves, without pictures, and with the reason", async () => {
  const best = openRun(folder).best!.path;
  for (const file of readdirSync(join(folder, "checkpoints")))
    truncateSync(join(folder, "checkpoints", file), 10);
  const { warnings, titles } = await pageOf(folder);
  expect(warnings).toEqual([`${NO_PICTURES}${best}: ${DAMAGED}`]);
  expect(titles).toEqual(["Training", "Checkpoints and configuration"]);
});

test("a checkpoint that is a link to a missing file is reported as missing", async () => {
  const best = openRun(folder).best!.path;
  rmSync(best);
  symlinkSync("/nowhere/at/all", best);
  expect((await pageOf(folder)).warnings).toEqual([
    `${NO_PICTURES}${best}: no such checkpoint; check the path`,
  ]);
});

test("reports both an untrusted configuration and a damaged checkpoint", async () => {
  const sent = join(dir, "sent");
  writeHostileRun(sent);
  const last = join(sent, "checkpoints", "last.safetensors");
  truncateSync(last, 10);
  const { warnings } = await pageOf(sent);
  expect(warnings.slice(2, 4)).toEqual([
    expect.stringMatching(/^The model cannot be rebuilt: .* names components in /),
    `${NO_PICTURES}${last}: ${DAMAGED}`,
  ]);
});
