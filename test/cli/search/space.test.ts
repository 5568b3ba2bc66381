import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readSpace } from "../../../lib/cli/search/space";
import { trainingTrials } from "../../../lib/cli/train/search-trials";
import { newFolder } from "../../new-folder";

const file = join(newFolder(), "space.yaml");
const read = (text: string, isGrid = false) => {
  writeFileSync(file, text);
  return readSpace(file, isGrid);
};

test("reads floats, whole numbers and choices", () => {
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
    `${file}: a.type: invalid discriminator value. Expected 'float' | 'int' | 'categorical'; found "flaot"`,
  );
  expect(() => read("a: {type: int, low: 1.5, high: 3, lgo: true}")).toThrow(
    `${file}:
  - a.low: invalid input: expected int, received number; found 1.5
  - a: unknown key "lgo": there is nothing to set here`,
  );
});

test("a space for a configuration names flags of gradbook train, and values that they take", () => {
  const config = join(newFolder(), "config.yaml");
  writeFileSync(config, "model_config: m.yaml\ndataset_configs_path: s.yaml\n");
  const folder = newFolder();
  const trials = (text: string) => trainingTrials(config, { space: read(text), spaceFile: file, folder });
  expect(() => trials("learning_rat: {type: float, low: 0.1, high: 1}")).toThrow(
    new RegExp(
      `^${file}: learning_rat: no flag of gradbook train: .* \\(did you mean "learning_rate"\\?\\)$`,
    ),
  );
  expect(() => trials("experiment_name: {type: categorical, choices: [a]}")).toThrow(
    `${file}: experiment_name: is set by the search; leave it out`,
  );
  expect(() => trials("batch_size: {type: float, low: 1.5, high: 2}")).toThrow(
    `${file}: batch_size: invalid input: expected int, received number; found 1.5`,
  );
});
