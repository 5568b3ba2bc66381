import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { readSession, simulateSessions, writeSession } from "../../lib/data";
import { expectedMonitor } from "../../lib/twin/expected-monitor";
import { newFolder } from "../new-folder";

const dir = newFolder();
const model = "configs/models/quickstart.yaml";
const NAME = "luke_2031-03-01";

/** Writes the parent file of one session. */
function sessionsOf(name: string, options: object = {}): string {
  const file = join(dir, `sessions-${name}.yaml`);
  writeFileSync(file, JSON.stringify({ types: ["gaborium"], sessions: [name], ...options }));
  return file;
}

beforeAll(async () => {
  await simulateSessions({ outDir: dir, sessions: 1, frames: 1000, units: 2 });
  const session = await readSession(join(dir, `${NAME}.h5`));
  await writeSession(join(dir, "calcium_1.h5"), { ...session, name: "calcium_1", responses: "calcium" });
  writeFileSync(join(dir, "calcium_1.yaml"), "cids: [1, 2]\n");
});

test.each([
  ["counts with the model's own loss", NAME, {}, undefined, "val_bps_overall"],
  ["counts with a loss of other responses", NAME, { loss: "gaussian" }, undefined, "val_corr_overall"],
  ["counts with losses of counts", NAME, {}, ["poisson", "zero_inflated_poisson"], "val_bps_overall"],
  ["counts with losses of both kinds", NAME, {}, ["poisson", "mse"], "val_corr_overall"],
  ["a recording of calcium signals", "calcium_1", {}, undefined, "val_corr_overall"],
] as const)("names the metric for %s", async (_, name, files, losses, metric) => {
  expect(await expectedMonitor({ model, sessions: sessionsOf(name), ...files }, losses)).toBe(metric);
});

test("takes the kind of responses that a session's file states", async () => {
  writeFileSync(join(dir, `${NAME}.yaml`), "cids: [1, 2]\nresponses: zscores\n");
  expect(await expectedMonitor({ model, sessions: sessionsOf(NAME) })).toBe("val_corr_overall");
});
