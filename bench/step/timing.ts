import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { check } from "../../lib/base/config";
import { devices } from "../../lib/engine";
import type { Batch } from "../../lib/protocols/module";
import { type TrainerOptions, trainerSchema } from "../../lib/trainer/options";
import { type StepOptions, TrainingStep } from "../../lib/trainer/step/step";
import { Trainer } from "../../lib/trainer/trainer";
import { median } from "./median";
import type { Served } from "./ready-module";

/** Steps that are run before any is timed. */
const WARM_UP = 3;

export interface StepTimes {
  /** Milliseconds of each step after the warm-up. */
  times: number[];
  /**
   * The time of the first call, in milliseconds: until the function was traced and handed to TensorFlow, and until it
   * had run.
   */
  traced: number;
  first: number;
  /** The mean processor time of a step after the first one, in milliseconds. */
  cpu: number;
  /** The loss of the last step. */
  loss: number;
}

/** Times the trainer's own step in a bare loop. */
export async function timeSteps(
  module: Served,
  options: TrainerOptions,
  steps: number,
  how: StepOptions,
): Promise<StepTimes> {
  devices(); // TensorFlow is loaded before anything is timed, as torch is.
  const checked = check(trainerSchema, options, "benchmark");
  const step = new TrainingStep(module, checked, how);
  const lambdas = module.regularization?.lambdas(0) ?? [];
  const rates = { lr: checked.optimizer.lr, lambdas };
  const batches = [...(module.trainBatches({ batchSize: 0, seed: 0, pass: 0 }) as Iterable<Batch>)];
  const times: number[] = [];
  const result = { times, traced: 0, first: 0, cpu: 0, loss: Number.NaN };
  let used = process.cpuUsage();
  for (let i = 0; i < WARM_UP + steps; i++) {
    const begun = performance.now();
    const running = step.train(batches[i % batches.length]!, rates, i);
    // Tracing blocks the event loop; TensorFlow does not block it while it builds and runs the function.
    if (i === 0) setImmediate(() => (result.traced = performance.now() - begun));
    result.loss = (await running).loss;
    const took = performance.now() - begun;
    if (i === 0) {
      result.first = took;
      used = process.cpuUsage();
    }
    if (i >= WARM_UP) times.push(took);
  }
  const { user, system } = process.cpuUsage(used);
  result.cpu = (user + system) / 1000 / (WARM_UP + steps - 1);
  step.dispose();
  return result;
}

/** Times the same steps in `Trainer.fit`, from one requested batch to the next. */
async function timeFit(module: Served, options: TrainerOptions, steps: number): Promise<number[]> {
  const dir = mkdtempSync(join(tmpdir(), "gradbook-bench-"));
  const from = module.served.length;
  try {
    const stepsPerEpoch = WARM_UP + steps + 1;
    await new Trainer({ ...options, dir, maxEpochs: 1, stepsPerEpoch }).fit(module);
  } finally {
    rmSync(dir, { recursive: true });
  }
  const served = module.served.slice(from);
  return served
    .slice(1)
    .map((at, i) => at - served[i]!)
    .slice(WARM_UP);
}

/**
 * Measures the time that the trainer adds to a step. `fit` and the bare step take turns in one process, because the
 * speed of the machine drifts.
 *
 * @returns the medians in milliseconds
 */
export async function timeOverhead(
  module: Served,
  options: TrainerOptions,
  steps: number,
  turns: number,
): Promise<{ bare: number; trainer: number }> {
  const [bare, trainer]: [number[], number[]] = [[], []];
  for (let turn = 0; turn < turns; turn++) {
    bare.push(...(await timeSteps(module, options, steps, { compile: true })).times);
    trainer.push(...(await timeFit(module, options, steps)));
  }
  return { bare: median(bare), trainer: median(trainer) };
}
