import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { blocks } from "../docs/blocks";
import { newFolder } from "../new-folder";

/** Runs a script in a separate process, like a user's script: modules that it loads must share the library with it. */
const run = (...args: string[]) =>
  execFileSync(process.execPath, ["--import", "tsx", ...args], { encoding: "utf8" })
    .trim()
    .split("\n")
    .at(-1)!;

test("trains with a user's loss, regularizers, sampler, schedule and optimizer, and explains errors in them", () => {
  const result = JSON.parse(run(join(__dirname, "parts", "train.ts"), newFolder()));
  expect(result).toEqual({
    stopped: "completed",
    lrs: [0.4, 0.4, 0.2, 0.2],
    multiples: true,
    batches: [[0], [1], [0]],
    failures: {
      optimizerKind:
        "Trainer: optimizer.type: halving of ./my_parts.ts is a scheduler, not an optimizer; make it with defineOptimizer",
      optimizerOption:
        'Trainer: optimizer: unknown key "size" is not one of: type, lr, coreLrScale, weightDecay, scale',
      schedulerExport:
        'Trainer: scheduler.type: ./my_parts.ts has no such export: "halvin" is not one of: byTurns, halving, power, rounded, signDescent, squared (did you mean "halving"?)',
      schedulerOption: "Trainer: scheduler.every: too small: expected number to be >0; found 0",
      lossKind:
        "./train.ts: loss: power of ./my_parts.ts is a regularizer, not a loss; make it with defineLoss",
      lossName:
        './train.ts: loss: "poison" is not one of: poisson, zero_inflated_poisson, mse, gaussian, gamma, zero_inflated_gamma (did you mean "poisson"?)',
      regularizerFile:
        './train.ts: regularization.0.type: "./parts.ts#power": the file ./parts.ts does not exist',
      regularizerOption:
        "./train.ts: regularization.0.params.p: missing (invalid input: expected number, received undefined)",
      regularizerName:
        './train.ts: regularization.0.type: "l3" is not one of: l1, l2, group_lasso, group_sparsity, laplacian, ortho, proximal_l1, proximal_clamp, proximal_clamp_positive, proximal_clamp_min (did you mean "l1"?)',
      libraryOption: './train.ts: regularization.0.params: unknown key "p": this section has no options',
      samplerName:
        'MultiDatasetDM: sampler.type: must name an export of a module, ./file.ts#name; the library\'s samplers are chosen by `homogeneousBatches` and `enableCurriculum`; found "shuffled"',
      samplerKind:
        "MultiDatasetDM: sampler.type: squared of ./my_parts.ts is a loss, not a sampler; make it with defineSampler",
      samplerTwice:
        'MultiDatasetDM: sampler: takes the place of homogeneousBatches and enableCurriculum; leave them out; found {"type":"./my_parts.ts#byTurns"}',
    },
  });
});

test("runs the training guide's script that uses each component alone", () => {
  const [block] = blocks("ts").filter(
    ({ page, code }) => page.endsWith("train.md") && code.includes("new Lion("),
  );
  const file = join(newFolder(), "alone.ts");
  writeFileSync(file, block!.code.replaceAll('"gradbook"', JSON.stringify(resolve("lib/index.ts"))));
  expect(run(file)).toMatch(/^loss 0\.00\d$/);
});
