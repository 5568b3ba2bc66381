import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkExperiment } from "../../lib/twin/check-experiment";
import { importTorch } from "../../lib/twin/import-torch";
import { newFolder } from "../new-folder";
import { labCheckpoint, labFile, labModels } from "./lab";

const MODELS = [
  "dense_concat_convgru_history",
  "resnet_film_none_split",
  "resnet_none_convgru",
  "resnet_none_none",
];

test.each([...MODELS, "modulator_only"])("accepts the model %s with its placeholders", (name) => {
  const sessions = labFile("configs", name.endsWith("history") ? "sessions_history.yaml" : "sessions.yaml");
  const model = labFile("configs", `${name}.yaml`);
  const { problems, notes, behaviors, plan } = checkExperiment({ model, sessions });
  expect(problems).toEqual([]);
  expect([behaviors, plan?.stages.at(-1)?.outputShape]).toEqual([42, [44]]);
  const units = notes.find(({ path }) => path === "readout.params.n_units");
  const given = Number(/n_units: (\d+)/.exec(readFileSync(model, "utf8"))![1]);
  expect(units!.message).toBe(
    `is ${given}, but 18, 14, 12 are used: the units in the sessions' cids; leave it out`,
  );
});

test.each(labModels("*.ckpt"))("takes the configuration of the model %s from its checkpoint", (name) => {
  const history = name.endsWith("history");
  const sessions = labFile("configs", history ? "sessions_history.yaml" : "sessions.yaml");
  const { problems, config } = checkExperiment({ model: labCheckpoint(name), sessions });
  expect(problems).toEqual([]);
  expect(config!.lag_order).toBe("newest_first");
  const out = join(newFolder(), "ours.safetensors");
  const weights = labCheckpoint(name);
  expect(importTorch({ weights, config: labCheckpoint(name), out }).config).toEqual(config);
  expect(checkExperiment({ model: out, sessions })).toMatchObject({ problems: [], config });
  expect(importTorch({ weights, config: out, out: `${out}.again` }).config).toEqual(config);
});
