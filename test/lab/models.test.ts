import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readArrays } from "../../lib/data/convert/arrays";
import { checkExperiment } from "../../lib/twin/check-experiment";
import { importTorch } from "../../lib/twin/import-torch";
import { newFolder } from "../new-folder";
import { labCheckpoint, labFile, labModels, labParent, SESSIONS, UNITS } from "./lab";

const BEHAVIORS = [...readArrays(labFile("expected", "prepared.npz"))].find(([name]) =>
  name.endsWith("/behavior_every_7th"),
)![1].shape[1];

test.each(labModels())("accepts the model %s with its placeholders", (name) => {
  const model = labFile("configs", `${name}.yaml`);
  const { problems, notes, behaviors, plan } = checkExperiment({
    model,
    sessions: labFile("configs", labParent(name)),
  });
  expect(problems).toEqual([]);
  const units = UNITS.reduce((sum, count) => sum + count, 0);
  expect([behaviors, plan?.stages.at(-1)?.outputShape]).toEqual([BEHAVIORS, [units]]);
  const [, given] = /n_units: (\d+)/.exec(readFileSync(model, "utf8"))!;
  expect(notes.find(({ path }) => path === "readout.params.n_units")!.message).toBe(
    `is ${given}, but ${[...new Set(UNITS)].join(", ")} are used: the units in the sessions' cids; leave it out`,
  );
});

test.each(labModels("*.ckpt"))("takes the configuration of the model %s from its checkpoint", (name) => {
  const sessions = labFile("configs", labParent(name));
  const weights = labCheckpoint(name);
  const { problems, config } = checkExperiment({ model: weights, sessions });
  expect(problems).toEqual([]);
  expect(config!.lag_order).toBe("newest_first");
  const out = join(newFolder(), "ours.safetensors");
  expect(importTorch({ weights, config: weights, out }).config).toEqual(config);
  expect(checkExperiment({ model: out, sessions })).toMatchObject({ problems: [], config });
  expect(importTorch({ weights, config: out, out: `${out}.again` }).config).toEqual(config);
});

test("names the sessions of a checkpoint", () => {
  for (const name of labModels("*.ckpt"))
    expect(
      importTorch({ weights: labCheckpoint(name), out: join(newFolder(), "ours.safetensors") }).sessions,
    ).toEqual(SESSIONS);
});
