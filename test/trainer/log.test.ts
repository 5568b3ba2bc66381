import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { HistogramMonitor } from "../../lib/callbacks/histograms";
import { CSVLogger } from "../../lib/callbacks/loggers/csv";
import { ModelCheckpoint } from "../../lib/callbacks/model-checkpoint";
import { tf } from "../../lib/engine";
import { openRun } from "../../lib/evaluation/report/open-run";
import { Figure } from "../../lib/plots/figure";
import type { Callback, FitContext } from "../../lib/protocols/callback";
import type { Log } from "../../lib/protocols/module";
import { Trainer } from "../../lib/trainer/trainer";
import { newFolder } from "../new-folder";
import { Sampled } from "./sampled";

let dir: string;
let module: Sampled;
beforeEach(() => {
  dir = newFolder();
  module = new Sampled("shuffled");
});
afterEach(() => {
  module.dispose();
});
const figure = () =>
  new Figure(
    [
      {
        title: "kernel",
        x: { label: "x" },
        y: { label: "y" },
        marks: [{ kind: "line", name: "k", x: [0, 1], y: [0, 1] }],
      },
    ],
    "a kernel",
  );
const atValidation = (act: (context: FitContext) => Promise<void>): Callback => ({ onValidationEnd: act });
const train = (callback: Callback, overwrite = false) =>
  new Trainer({ dir, overwrite, batchSize: 4, maxEpochs: 2, callbacks: [callback, new CSVLogger()] }).fit(
    module,
  );
const refusal = (act: (context: FitContext) => Promise<void>) =>
  train(atValidation(act), true).then(String, (error: Error) => error.message);

test("logs numbers and figures of a callback as events, in curves, to loggers and as files of the run", async () => {
  await train(
    atValidation(async (context) => {
      await context.log("spread", context.step / 100);
      await context.log("Kernel of layer 1", figure());
    }),
  );
  const run = openRun(join(dir, "run"));
  expect(run.curves.get("spread")).toEqual({ x: [10, 20], y: [0.1, 0.2] });
  expect(readFileSync(join(dir, "run", "metrics.csv"), "utf8")).toMatch(/^epoch,step,.*spread/);
  const pictures = run.events.filter(({ event }) => event === "picture");
  expect(pictures).toMatchObject([
    { name: "Kernel of layer 1", step: 10, path: join("pictures", "Kernel-of-layer-1", "step-000010.svg") },
    { name: "Kernel of layer 1", step: 20, path: join("pictures", "Kernel-of-layer-1", "step-000020.svg") },
  ]);
  for (const picture of pictures)
    expect(readFileSync(join(dir, "run", (picture as { path: string }).path), "utf8")).toMatch(/^<svg /);
});

test("rejects a name that is in use, and a value that is neither a number nor a figure", async () => {
  expect(await refusal(async (context) => context.log("lr", 1))).toBe(
    "log: lr: is reported by the run itself; log by another name",
  );
  expect(await refusal(async (context) => context.log("train_mae", 1))).toBe(
    "log: train_mae: is reported by the run itself; log by another name",
  );
  expect(
    await refusal(async (context) => {
      await context.log("kernel", 1);
      await context.log("kernel", figure());
    }),
  ).toBe("log: kernel: is a number already; log the picture by another name");
  expect(
    await refusal(async (context) => {
      await context.log("a b", figure());
      await context.log("a/b", figure());
    }),
  ).toBe(`log: a/b: has the same folder as "a b" (${join("pictures", "a-b")}); give another name`);
  const tensor = module.parameters[0]!.variable;
  expect(await refusal(async (context) => context.log("weight", tensor as never))).toBe(
    "log: weight: is a Variable, but only a number or a Figure can be logged; for a tensor with one value, give `(await x.data())[0]`",
  );
  expect(await refusal(async (context) => context.log(" ", 1))).toBe(
    'log:  : is not a name; give a text such as "spread"',
  );
  expect(await refusal(async (context) => context.log("../../outside", figure()))).toMatch(/^completed/);
});

/** Makes the module's loss log values as well. */
function logging(act: (log: Log) => void): Sampled {
  const loss = module.loss.bind(module);
  return Object.assign(module, {
    loss: (batch: Parameters<typeof loss>[0], rng: Parameters<typeof loss>[1], log: Log) => {
      act(log);
      return loss(batch, rng);
    },
  });
}

test("reports the scalars that a loss logs in training and validation, and lets callbacks monitor them", async () => {
  const size = () => tf.sum(tf.square(module.parameters[0]!.variable));
  const trained = logging((log) => log("size", size()));
  const callbacks = [new ModelCheckpoint({ monitor: "val_size" })];
  const run = await new Trainer({ dir, batchSize: 4, maxEpochs: 2, callbacks }).fit(trained);
  const [now] = size().dataSync();
  expect(run.history.at(-1)!.val_size).toBeCloseTo(now!, 4);
  const { curves, best } = openRun(run.folder);
  expect(curves.get("train_size")!.y.at(-1)).toBeGreaterThan(0);
  expect(best!.monitor).toBe("val_size");
});

test("rejects a loss that logs by a name in use or a value that is not a scalar", async () => {
  const refused = (act: (log: Log) => void) =>
    new Trainer({ dir, overwrite: true, batchSize: 4, maxEpochs: 1 })
      .fit(logging(act))
      .then(String, (error: Error) => error.message);
  expect(await refused((log) => log("mae", tf.scalar(1)))).toBe(
    "log: mae: is reported by this loss already; log by another name",
  );
  module = new Sampled("shuffled");
  expect(await refused((log) => log("rows", tf.zeros([4])))).toBe(
    "log: rows: has shape [4], but a scalar is logged; take a mean, or return it in `metrics`",
  );
  module = new Sampled("shuffled");
  expect(await refused((log) => log("count", 1 as never))).toBe(
    "log: count: is a number made in JavaScript, which would be the same in every step; log a tensor",
  );
  module = new Sampled("shuffled");
  expect(await refused((log) => log("kernel", figure() as never))).toBe(
    "log: kernel: is a figure, which cannot be drawn in a compiled loss; log it in a callback, by `context.log`",
  );
});

test("HistogramMonitor computes gradients with random numbers, and uses the same ones each time", async () => {
  const drawn: boolean[] = [];
  const loss = module.loss.bind(module);
  Object.assign(module, {
    loss: (batch: Parameters<typeof loss>[0], rng: Parameters<typeof loss>[1]) => {
      drawn.push(rng !== undefined);
      return loss(batch, rng);
    },
  });
  const callbacks = [new HistogramMonitor({ gradients: true })];
  await new Trainer({ dir, batchSize: 4, maxEpochs: 2, limitValBatches: 0, callbacks }).fit(module);
  // The first trace is that of a validation; the others are those of the step and of the gradients.
  expect(drawn).toEqual([false, true, true]);
});
