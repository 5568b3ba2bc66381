import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command, CommanderError } from "commander";
import fc from "fast-check";
import { dump } from "js-yaml";
import { callbacksOf } from "../../../lib/cli/train/callbacks";
import { trainOptions } from "../../../lib/cli/train/command";
import { FLAGS } from "../../../lib/cli/train/flags";
import { planOf } from "../../../lib/cli/train/plan";
import { readFlags } from "../../../lib/cli/train/read-flags";
import { Trainer } from "../../../lib/trainer/trainer";
import { byteEdits, editBytes } from "../bytes";
import { defineFamily, isConfigError } from "../family";
import { editTree, treeEdits } from "../tree";

const names = fc.oneof(
  fc.constantFrom(...Object.keys(FLAGS)),
  fc.constantFrom("", "x", "__proto__", "no-compile"),
);
const words = fc.oneof(
  fc.constantFrom("", "0", "1", "2", "-1", "0.5", "0,1", "0.9,0.999", "1e308", "-1e308", "1e999", "9007199254740993", "0x10", "NaN", "Infinity", "true", "null", "none", "adamw", "sgd", "lion", "cosine_warmup", "cosine_warmup_restart", "one_cycle", "poisson", "value", "8GiB", "-8GiB", "bf16-mixed", "./x.ts#y", "../x", "/", "last", "__proto__", "constructor"),
  fc.string({ maxLength: 20, unit: "binary" }),
  fc.constant("a".repeat(10_000)),
); // biome-ignore format: one list

const VALID = {
  model_config: "model.yaml",
  dataset_configs_path: "sessions.yaml",
  batch_size: 8,
  betas: [0.9, 0.99],
  gpu_ids: [0],
  lr_scheduler: "cosine_warmup",
  loss: "poisson",
  time_budget_minutes: 3,
  ema_decay: 0.9,
  early_stopping_patience: 3,
};

/** Flags of `gradbook train`, on the command line and in a file: parsed and planned, without a training. */
export const family = defineFamily({
  inputs: fc.record({
    flags: fc.array(fc.tuple(names, words, fc.boolean()), { maxLength: 5 }),
    config: fc.option(fc.record({ edits: treeEdits, bytes: fc.option(byteEdits, { freq: 3, nil: [] }) }), {
      nil: undefined,
    }),
  }),
  isTyped: (error) => isConfigError(error) || error instanceof CommanderError,
  prepare(folder) {
    const file = join(folder, "train.yaml");
    return (input) => {
      const command = new Command("train").exitOverride().configureOutput({ writeErr() {}, writeOut() {} });
      for (const option of trainOptions()) command.addOption(option);
      const given = ["--model_config=model.yaml", "--dataset_configs_path=sessions.yaml"];
      const changed = input.flags.flatMap(([name, word, joined]) =>
        joined ? [`--${name}=${word}`] : [`--${name}`, word],
      );
      command.parse([...given, ...changed], { from: "user" });
      if (input.config) {
        const text = dump(editTree(VALID, input.config.edits));
        writeFileSync(file, editBytes(Buffer.from(text), input.config.bytes));
      }
      const read = readFlags(command.opts(), input.config && file);
      new Trainer({ ...planOf(read, "gradbook train").trainer, callbacks: callbacksOf(read) });
    };
  },
});
