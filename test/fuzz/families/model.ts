import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { dump } from "js-yaml";
import { readYaml } from "../../../lib/base/config";
import { parseModelConfig } from "../../../lib/model";
import { planModel } from "../../../lib/model/plan";
import { byteEdits, editBytes } from "../bytes";
import { defineFamily, require } from "../family";
import { editTree, treeEdits } from "../tree";

const CONFIGS = join("configs", "models");
const INPUT = { lags: 32, height: 24, width: 24, units: [8, 5], behaviors: 3 };

/** Values of all weights, and of one stage for one sample, that no plan may have. */
const MOST = 1e10;

/** Model configurations: read and planned, as before a training. */
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
      const plan = planModel(parseModelConfig(readYaml(file), file), INPUT, file);
      const weights = plan.weights.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
      const kept = plan.stages.map((stage) => stage.kept);
      require([weights, ...kept].every(
        (size) => size >= 0 && size < MOST,
      ), `planned ${weights} weights, ${kept} kept`);
    };
  },
});
