import { readdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ModelCheckpoint } from "../../lib/callbacks/model-checkpoint";
import { openRun } from "../../lib/evaluation/report/open-run";
import type { Callback } from "../../lib/protocols/callback";
import type { Metrics } from "../../lib/protocols/events";
import { readState } from "../../lib/trainer/checkpoint/checkpoint";
import type { TrainerOptions } from "../../lib/trainer/options";
import { Trainer } from "../../lib/trainer/trainer";
import { newFolder } from "../new-folder";
import { Scripted, withMetric } from "./scripted";
import { Toy } from "./toy";

let dir: string;
beforeEach(() => {
  dir = newFolder();
  vi.spyOn(console, "warn").mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

const train = (callbacks: readonly Callback[], more: TrainerOptions = {}, module = new Toy()) =>
  new Trainer({ dir, name: "run", batchSize: 4, maxEpochs: 3, callbacks, ...more }).fit(module);
const loss = (options = {}) => new ModelCheckpoint({ monitor: "val_loss", ...options });
const filesOf = (name: string) => readdirSync(join(dir, name, "checkpoints")).sort();

describe("two ModelCheckpoints with different metrics", () => {
  /** The first epoch is the best by `val_rate` (max), the second by `val_error` (min). */
  const numbers: Metrics[] = [
    { val_rate: 9, val_error: 5 },
    { val_rate: 7, val_error: 1 },
    { val_rate: 8, val_error: 4 },
  ];
  const rate = () => new ModelCheckpoint({ monitor: "val_rate", mode: "max" });
  const error = () => new ModelCheckpoint({ monitor: "val_error" });

  test.each([
    ["val_rate", () => [rate(), error()], "epoch-001_val_rate-9.0000.safetensors", 1],
    ["val_error", () => [error(), rate()], "epoch-002_val_error-1.0000.safetensors", 2],
    [
      "val_error",
      () => [new ModelCheckpoint(), error(), rate()],
      "epoch-002_val_error-1.0000.safetensors",
      2,
    ],
  ] as const)(
    "the first checkpoint with a metric (%s) defines the best, in the run and when read from its folder",
    async (monitor, make, file, epochs) => {
      const module = new Scripted(numbers);
      const run = await train(make(), {}, module);
      expect(basename(run.kept.best!.path)).toBe(file);
      const opened = openRun(run.folder);
      expect([opened.best!.name, opened.best!.monitor]).toEqual([file, monitor]);
      run.load("best");
      const weight = module.weight.dataSync()[0];
      expect(readState(run.kept.best!.path).step).toBe(10 * epochs);
      module.weight.assign(module.weight.mul(0) as never);
      opened.load(module, "best");
      expect(module.weight.dataSync()[0]).toBe(weight);
      expect(filesOf("run")).toEqual([
        "epoch-001_val_rate-9.0000.safetensors",
        "epoch-002_val_error-1.0000.safetensors",
        "last.safetensors",
      ]);
      const again = await train(make(), { resume: "auto" }, module);
      expect(basename(again.kept.best!.path)).toBe(file);
    },
  );
});

test("validations of one epoch with equal scores get separate files", async () => {
  const keep = new ModelCheckpoint({ monitor: "val_rate", mode: "max", saveTopK: -1 });
  await train([keep], { maxEpochs: 1, valCheckInterval: 0.25 }, new Scripted([{ val_rate: 1 }]));
  const names = keep.kept.map(({ path }) => basename(path));
  expect(names).toEqual([
    "epoch-001_val_rate-1.0000.safetensors",
    ...[1, 2, 3, 4].map((n) => `epoch-001_val_rate-1.0000-v${n}.safetensors`),
  ]);
  expect(keep.kept.map(({ path }) => readState(path).step)).toEqual([2, 4, 6, 8, 10]);
  expect(filesOf("run")).toEqual([...names, "last.safetensors"].sort());
});

describe("run.load reports the true reason why there is no best checkpoint", () => {
  const stop: Callback = { onTrainBatchEnd: (context) => context.stop("interrupted") };
  const LAST = '. `load("last")` has the final weights.';
  const nan = () => new Scripted([{ val_rate: Number.NaN }]);
  const full: Callback = {
    onTrainEpochStart: ({ checkpoints }) => {
      rmSync(checkpoints, { recursive: true, force: true });
    },
  };

  test.each<[string, readonly Callback[], TrainerOptions, () => Toy, string]>([
    ["without a ModelCheckpoint", [], {}, () => new Toy(), `it had no ModelCheckpoint; add one with a \`monitor\` to the trainer's callbacks${LAST}`],
    ["without a metric", [new ModelCheckpoint()], {}, () => new Toy(), `its ModelCheckpoint has no \`monitor\`, so no checkpoint is ranked; give it one, such as \`val_loss\`${LAST}`],
    ["before a validation", [loss(), stop], {}, () => new Toy(), `no validation was finished, so no checkpoint could be judged; train longer, or validate more (\`checkValEveryNEpoch\`, \`limitValBatches\`)${LAST}`],
    ["without validations", [loss()], { limitValBatches: 0 }, () => new Toy(), `no validation was finished, so no checkpoint could be judged; train longer, or validate more (\`checkValEveryNEpoch\`, \`limitValBatches\`)${LAST}`],
    ["with saveTopK 0", [loss({ saveTopK: 0 })], {}, () => new Toy(), `its ModelCheckpoint of val_loss has \`saveTopK: 0\`, so none of the best is kept; give at least 1${LAST}`],
    ["with scores that are no numbers", [new ModelCheckpoint({ monitor: "val_rate" })], {}, nan, `val_rate was not a finite number in any validation (NaN or infinite in all 3)${LAST}`],
    ["with a disk that refuses it", [full, loss()], {}, () => new Toy(), "its file could not be written; the warnings of the run say why."],
    ["of a fastDevRun", [loss()], { fastDevRun: true }, () => new Toy(), `\`fastDevRun\` keeps none; train without it${LAST}`],
  ])("%s", async (_, callbacks, options, module, why) => {
    const run = await train(callbacks, options, module());
    expect(said(() => run.load("best"))).toBe(`The run kept no best checkpoint: ${why}`);
  }); // biome-ignore format: one case a line

  test.each<[string, readonly Callback[], () => Toy, string]>([
    ["with saveLast: false", [loss({ saveLast: false })], () => new Toy(), "its ModelCheckpoint has `saveLast: false`, or the file could not be written, which a warning of the run says."],
    ["diverged", [loss()], () => new Toy(0, 1000), "it diverged before a checkpoint was written, and weights that are not finite are not saved."],
  ])("the last: %s", async (_, callbacks, module, why) => {
    const run = await train(callbacks, {}, module());
    expect(said(() => run.load("last"))).toBe(`The run kept no last checkpoint: ${why}`);
  }); // biome-ignore format: one case a line

  test("read from a folder", async () => {
    const why = (name: string) =>
      said(() => openRun(join(dir, name)).load(new Toy(), "best")).replace(
        `${join(dir, name)}: checkpoints: `,
        "",
      );
    await train([new ModelCheckpoint()], { name: "plain" });
    expect(why("plain")).toBe(
      "has no best checkpoint: the run had no ModelCheckpoint with a `monitor` and a `saveTopK` above 0, or its metric was never a finite number; available: last.safetensors",
    );
    await train([loss(), stop], { name: "cut" });
    expect(why("cut")).toBe(
      "has no best checkpoint: no validation was finished; available: last.safetensors",
    );
    const { kept } = await train([loss()], { name: "lost" });
    rmSync(kept.best!.path);
    expect(why("lost")).toBe(
      `has no best checkpoint: the run wrote ${basename(kept.best!.path)}, which is not in its folder any more; available: last.safetensors`,
    );
  });
});

function said(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return (error as Error).message;
  }
  return "nothing was thrown";
}

describe("names by a template", () => {
  const filename = "{epoch:02d}-{val_loss:.4f}";

  test("names the best checkpoints as Lightning does, and keeps them after a resumption", async () => {
    const module = withMetric("val_loss", 3, 0.125);
    const run = await train([loss({ filename, saveTopK: 2 })], { maxEpochs: 2 }, module);
    expect(filesOf("run")).toEqual([
      ...["epoch=00-val_loss=3.0000", "epoch=01-val_loss=0.1250", "last"].map(
        (name) => `${name}.safetensors`,
      ),
    ]);
    expect(basename(openRun(run.folder).best!.path)).toBe("epoch=01-val_loss=0.1250.safetensors");
    const again = { maxEpochs: 3, resume: "auto" };
    await train([loss({ filename, saveTopK: 2 })], again, withMetric("val_loss", 2));
    // The worst checkpoint of the first fit was replaced.
    expect(filesOf("run")).toEqual([
      ...["epoch=01-val_loss=0.1250", "epoch=02-val_loss=2.0000", "last"].map(
        (name) => `${name}.safetensors`,
      ),
    ]);
  });

  test("replaces the checkpoints of an earlier run with overwrite", async () => {
    await train([loss({ filename })], { maxEpochs: 1 });
    expect(filesOf("run")).toHaveLength(2);
    await train([loss()], { maxEpochs: 1, overwrite: true });
    expect(filesOf("run")).toEqual([expect.stringMatching(/^epoch-001_val_loss-/), "last.safetensors"]);
  });
});
