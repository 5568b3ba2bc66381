import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { readYaml } from "../../../lib/base/config";
import { readSpace } from "../../../lib/cli/search/space";
import { trainingTrials } from "../../../lib/cli/train/search-trials";
import { newFolder } from "../../new-folder";

const file = join(newFolder(), "space.yaml");
const read = (text: string, isGrid = false) => {
  writeFileSync(file, text);
  return readSpace(file, isGrid);
};

test("reads floats, integers and choices", () => {
  const text = `
learning_rate: {type: float, low: 1e-4, high: 1e-2, log: true}
batch_size: {type: int, low: 16, high: 64, step: 16}
loss: {type: categorical, choices: [poisson, zip, null]}`;
  expect(read(text)).toEqual({
    learning_rate: { type: "float", low: 1e-4, high: 1e-2, log: true },
    batch_size: { type: "int", low: 16, high: 64, step: 16 },
    loss: { type: "categorical", choices: ["poisson", "zip", null] },
  });
});

test("lists everything that is wrong with a space file", () => {
  expect(() => read("- lr")).toThrow(
    `${file}: must hold parameters, such as learning_rate: {type: float, low: 1e-4, high: 1e-2, log: true}`,
  );
  const text = `
a: {type: float, low: 2, high: 1}
b: {type: float, low: 0, high: 1, log: true, step: 0.1}
c: {type: int, low: 1, high: 3}`;
  expect(() => read(text, true)).toThrow(
    `${file}:
  - a: low (2) must not be above high (1)
  - a: needs a step, or must be categorical, for --sampler grid
  - b: low must be above 0 where log is true; found 0
  - b: step and log cannot be given together; leave one out`,
  );
  expect(() => read("a: {type: flaot, low: 2, high: 1}")).toThrow(
    `${file}: a.type: "flaot" is not one of: float, int, categorical`,
  );
  expect(() => read("a: {low: 2, high: 1}")).toThrow(
    `${file}: a.type: missing; must be one of: float, int, categorical`,
  );
  expect(() => read("a: {type: int, low: 1.5, high: 3, lgo: true}")).toThrow(
    `${file}:
  - a.low: invalid input: expected int, received number; found 1.5
  - a: unknown key "lgo" is not one of: type, low, high, log, step`,
  );
});

test("checks that a space for a configuration names flags of gradbook train with valid values", () => {
  const config = join(newFolder(), "config.yaml");
  writeFileSync(config, "model_config: m.yaml\ndataset_configs_path: s.yaml\n");
  const folder = newFolder();
  const trials = (text: string) => trainingTrials(config, { space: read(text), spaceFile: file, folder });
  expect(() => trials("learning_rat: {type: float, low: 0.1, high: 1}")).toThrow(
    new RegExp(
      `^${file}: learning_rat: not a flag of gradbook train: .* \\(did you mean "learning_rate"\\?\\)$`,
    ),
  );
  expect(() => trials("experiment_name: {type: categorical, choices: [a]}")).toThrow(
    `${file}: experiment_name: is set by the search; leave it out`,
  );
  expect(() => trials("batch_size: {type: float, low: 1.5, high: 2}")).toThrow(
    `${file}: batch_size: invalid input: expected int, received number; found 1.5`,
  );
});

test("applies names below `model.` to each trial's own model file", () => {
  const folder = newFolder();
  const config = join(folder, "config.yaml");
  writeFileSync(
    config,
    `model_config: ${resolve("configs/models/quickstart.yaml")}\ndataset_configs_path: s.yaml\n`,
  );
  const trials = (text: string) => trainingTrials(config, { space: read(text), spaceFile: file, folder });
  const text = `
learning_rate: {type: float, low: 1e-4, high: 1e-2}
model.convnet.params.channels.0: {type: int, low: 8, high: 32}
model.baseline.enabled: {type: categorical, choices: [true, false]}`;
  const params = {
    learning_rate: 1e-3,
    "model.convnet.params.channels.0": 16,
    "model.baseline.enabled": true,
  };
  const { args } = trials(text)({ number: 3, name: "trial-0003", params });
  const written = args[args.indexOf("--config") + 1]!;
  const model = join(folder, "configs", "trial-0003.model.yaml");
  expect(readYaml(written)).toEqual({
    model_config: model,
    dataset_configs_path: "s.yaml",
    learning_rate: 1e-3,
    checkpoint_dir: folder,
    experiment_name: "trial-0003",
    project_name: "",
  });
  expect(readYaml(model)).toMatchObject({
    convnet: { type: "cnn", params: { channels: [16, 64] } },
    baseline: { enabled: true },
  });
});

test("lists everything that is wrong with names below `model.`", () => {
  const folder = newFolder();
  const config = join(folder, "config.yaml");
  const model = resolve("configs/models/quickstart.yaml");
  writeFileSync(config, `model_config: ${model}\ndataset_configs_path: s.yaml\n`);
  const trials = (text: string) => trainingTrials(config, { space: read(text), spaceFile: file, folder });
  const text = `
model.convnet.params.chanels: {type: int, low: 1, high: 2}
model.convnet.params.channels.2: {type: int, low: 1, high: 2}
model.convnet.type.x: {type: int, low: 1, high: 2}
model.readout.params.initial_std: {type: float, low: -1, high: 1}`;
  expect(() => trials(text)).toThrow(
    `${file}:
  - model.convnet.params.channels.2: ${model} has a list of 2 here, numbered from 0
  - model.convnet.type.x: ${model} has "cnn" here, which has no keys
  - model.convnet.params: unknown key "chanels" is not one of: `,
  );
});
