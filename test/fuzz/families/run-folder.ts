import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { dump } from "js-yaml";
import { readYaml } from "../../../lib/base/config";
import { compareRuns, writeComparison } from "../../../lib/evaluation/report/compare";
import { openRun } from "../../../lib/evaluation/report/open-run";
import { writeReport } from "../../../lib/evaluation/report/report";
import { Trainer } from "../../../lib/trainer/trainer";
import { Toy } from "../../trainer/toy";
import { byteEdits, editBytes } from "../bytes";
import { defineFamily } from "../family";
import { editTree, treeEdits } from "../tree";

/** Events that a short toy run does not write. */
const MORE = [
  { time: 1, event: "warning", message: "a warning" },
  { time: 1, event: "stats", epoch: 0, step: 1, memory_gb: 1 },
  { time: 1, event: "evaluation", epoch: 0, step: 1, "eval/correlation": 0.5 },
  { time: 1, event: "log", epoch: 0, step: 1, "a number": 1 },
  { time: 1, event: "picture", epoch: 0, step: 1, name: "kernels", path: "pictures/one.svg" },
  { time: 1, event: "histogram", epoch: 0, step: 1, name: "weights", edges: [0, 1], counts: [1] },
  { time: 1, event: "checkpoint", epoch: 0, step: 1, path: "checkpoints/last.safetensors", monitor: "val_loss", mode: "min", score: 1, best: true },
]; // biome-ignore format: a table

/** Adds the model of a twin, which a report rebuilds. */
const TWIN = {
  model: { convnet: { type: "cnn", params: { channels: [2], block_configs: [{ conv_params: { type: "standard", kernel_size: [1, 3, 3] } }] } }, readout: { type: "gaussian" } },
  sessions: [{ session: "a_1", file: "a_1.h5", types: ["noise"], cids: [1, 2] }],
  input: { lags: 2, height: 5, width: 5, units: [2] },
}; // biome-ignore format: a table

/** Run folders: events, configuration and kept evaluation are changed. They are opened, shown, compared and reported. */
export const family = defineFamily({
  inputs: fc.record({
    events: fc.option(treeEdits, { nil: [], freq: 3 }),
    eventBytes: fc.option(byteEdits, { nil: [] }),
    config: fc.option(treeEdits, { nil: [] }),
    configBytes: fc.option(byteEdits, { nil: [], freq: 1 }),
    twin: fc.boolean(),
    evaluation: fc.option(treeEdits, { nil: [] }),
    report: fc.nat(3).map((n) => n === 0),
  }),
  async prepare(folder) {
    const options = { dir: folder, name: "valid", batchSize: 4, stepsPerEpoch: 2, maxEpochs: 2 };
    const { folder: valid } = await new Trainer(options).fit(new Toy());
    const changed = join(folder, "changed");
    cpSync(valid, changed, { recursive: true });
    const lines = readFileSync(join(valid, "events.jsonl"), "utf8").trim().split("\n");
    const events = [...lines.map((line) => JSON.parse(line) as unknown), ...MORE];
    const plain = readYaml(join(valid, "config.yaml")) as object;
    const evaluation = { checkpoint: "last.safetensors", epochs: 2, sessions: [], repeats: 0 };
    return async (input) => {
      const text = asList(editTree(events, input.events)).map((event) => `${JSON.stringify(event)}\n`);
      writeFileSync(join(changed, "events.jsonl"), editBytes(Buffer.from(text.join("")), input.eventBytes));
      const config = dump(editTree(input.twin ? { ...plain, ...TWIN } : plain, input.config));
      writeFileSync(join(changed, "config.yaml"), editBytes(Buffer.from(config), input.configBytes));
      writeFileSync(
        join(changed, "evaluation.json"),
        JSON.stringify(editTree(evaluation, input.evaluation)) ?? "",
      );
      const run = openRun(changed);
      run.table().html();
      run.figure().plotly();
      writeComparison(compareRuns([valid, changed]), join(folder, "compared.html"));
      if (input.report) await writeReport(changed);
    };
  },
});

const asList = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);
