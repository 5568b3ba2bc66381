import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { dump } from "js-yaml";
import { readYaml } from "../../../lib/base/config";
import { tf } from "../../../lib/engine";
import { buildModel, type ModelConfig, parseModelConfig } from "../../../lib/model";
import { planModel } from "../../../lib/model/plan";
import { byteEdits, editBytes } from "../bytes";
import { defineFamily, require } from "../family";
import { editTree, treeEdits } from "../tree";

const CONFIGS = join("configs", "models");
const INPUT = { lags: 32, height: 24, width: 24, units: [8, 5], behaviors: 3 };

/** The maximum numbers of values of a plan: of all weights, and of one stage for one sample. */
const MOST = 1e10;
/** The maximum numbers of values of a model that is also built: of all weights, and of one stage for one sample. */
const SMALL = 3e5;

/** Model configurations, which are read and planned as before a training. */
export const family = defineFamily({
  inputs: fc.record({
    file: fc.nat(100),
    edits: treeEdits,
    bytes: fc.option(byteEdits, { freq: 4, nil: [] }),
  }),
  prepare(folder) {
    const configs = readdirSync(CONFIGS).map((name) => readYaml(join(CONFIGS, name)));
    const file = join(folder, "model.yaml");
    return (input) => {
      const changed = editTree(configs[input.file % configs.length], input.edits, configs);
      writeFileSync(file, editBytes(Buffer.from(dump(changed)), input.bytes));
      const config = parseModelConfig(readYaml(file), file);
      const plan = planModel(config, INPUT, file);
      const weights = plan.weights.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
      const kept = plan.stages.map((stage) => stage.kept);
      require([weights, ...kept].every(
        (size) => size >= 0 && size < MOST,
      ), `planned ${weights} weights, ${kept} kept`);
      if (weights < SMALL && kept.every((size) => size < SMALL)) predict(config, file);
    };
  },
});

/** Builds a model and computes the rates of one sample. */
function predict(config: ModelConfig, file: string): void {
  const model = buildModel(config, INPUT, 1, file);
  const { lags, height, width, units, behaviors } = INPUT;
  tf.tidy(() => {
    const batch = {
      stim: tf.zeros<tf.Rank.R5>([1, lags, height, width, 1]),
      behavior: tf.zeros<tf.Rank.R2>([1, behaviors]),
      eyepos: tf.zeros<tf.Rank.R2>([1, 2]),
      history: tf.zeros<tf.Rank.R3>([1, model.plan.historyLags, units.reduce((a, b) => a + b)]),
      dataset: tf.zeros<tf.Rank.R1>([1], "int32"),
    };
    model.forward(batch, { training: false });
  });
  model.dispose();
}
