import { expect } from "vitest";
import { compile, tf } from "../../../lib/engine";
import { poissonLoss, zeroInflatedPoissonLoss } from "../../../lib/losses/counts";
import { BitsPerSpike } from "../../../lib/metrics";
import { bitsPerSpikeSums } from "../../../lib/metrics/bits-per-spike";
import { parseModelConfig } from "../../../lib/model";
import { matches, type RegularizerConfig, replacesDecay } from "../../../lib/model/regularizers/config";
import { Regularization } from "../../../lib/model/regularizers/regularization";
import { parameterOf, WEIGHT_PREFIXES, type WeightedPart, weightsOfPart } from "../../../lib/model/weights";
import type { Parameter } from "../../../lib/nn";
import { zeros } from "../../../lib/nn/initializers";
import { createVariables, lookUp } from "../../../lib/nn/parameter";
import { AdamW, type AdamWOptions } from "../../../lib/trainer/optim/adam";
import { makeSchedule, type SchedulerOptions } from "../../../lib/trainer/schedulers/config";
import { type Check, expectClose, type GoldenArray, type GoldenCase, toTensor } from "../golden";
import { compareWithGolden } from "./differentiate";

const expand = (column: tf.Tensor, like: tf.Tensor) => tf.mul(column, tf.onesLike(like)) as tf.Tensor2D;

export const loss: Check = async (golden) => {
  const { loss, log_input: logRate, datasets } = golden.params;
  if (golden.outputs.bits_per_spike || golden.outputs.val_bps_overall) return bitsPerSpike(golden);
  if (datasets) return batchOfDatasets(golden);
  await compareWithGolden(golden, {
    weights: [],
    constants: ["robs", "dfs"],
    outputs: ({ rhat, robs, dfs, pi }) => {
      const rate = rhat as tf.Tensor2D;
      const unitDataset = new Int32Array(rate.shape[1]);
      const inputs = { rate, robs: robs as tf.Tensor2D, mask: expand(dfs!, rate), unitDataset };
      if (loss === "poisson") return { loss: poissonLoss(inputs, { logRate: logRate as boolean }).loss };
      return { loss: zeroInflatedPoissonLoss({ ...inputs, pi: pi as tf.Tensor2D }).loss };
    },
  });
};

/** Converts the groups of a golden batch to the product's batch: samples one after another, units side by side. */
function merge(inputs: GoldenCase["inputs"], groups: string[][]) {
  const of = (name: string) => {
    const blocks = groups.map((keys) =>
      tf.concat(
        keys.map((key) => column(key, name)),
        0,
      ),
    );
    const width = blocks.reduce((sum, b) => sum + b.shape[1]!, 0);
    let left = 0;
    const rows = blocks.map((block) => {
      const units = block.shape[1]!;
      const row = tf.pad(block, [[0, 0], [left, width - left - units]]); // biome-ignore format: pairs
      left += units;
      return row;
    });
    return tf.concat(rows, 0) as tf.Tensor2D;
  };
  const column = (key: string, name: string) => {
    const at = (what: string) => toTensor(inputs[key.replace("*", what)]!);
    return name === "dfs" ? expand(at("dfs"), at("rhat")) : at(name);
  };
  const units = groups.map(([key]) => inputs[key!.replace("*", "rhat")]!.shape[1]!);
  const unitDataset = Int32Array.from(units.flatMap((n, d) => Array<number>(n).fill(d)));
  return { rate: of("rhat"), robs: of("robs"), mask: of("dfs"), unitDataset };
}

function batchOfDatasets({ inputs, outputs, params }: GoldenCase): void {
  const groups = Array.from({ length: params.datasets as number }, (_, d) => [`*.${d}`]);
  const result = tf.tidy(() => poissonLoss(merge(inputs, groups), { logRate: false }));
  const [loss, each, present] = [result.loss, result.datasetLoss, result.present].map((t) => t.dataSync());
  tf.dispose(result);
  expectClose("loss", loss!, outputs.loss!);
  const there = Array.from(present!.keys()).filter((d) => present![d] === 1);
  expectClose(
    "finite_losses",
    there.map((d) => each![d]!),
    outputs.finite_losses!,
  );
  expect(Array.from(present!.keys()).filter((d) => !there.includes(d))).toEqual(
    outputs.skipped_dataset!.data,
  );
}

async function bitsPerSpike({ inputs, outputs, params }: GoldenCase): Promise<void> {
  const sessions = (params.datasets as string[] | undefined) ?? ["one_session"];
  const batches = Array.from({ length: (params.batches as number | undefined) ?? 1 }, (_, b) => b);
  const keys = (session: string, b: number) => (params.datasets ? `${session}.${b}.*` : "*");
  const sums = compile((x: { rate: tf.Tensor2D; robs: tf.Tensor2D; mask: tf.Tensor2D }) =>
    bitsPerSpikeSums(x, { logRate: false }),
  );
  let total: BitsPerSpike | undefined;
  for (const b of batches) {
    const { unitDataset, ...batch } = merge(
      inputs,
      sessions.map((s) => [keys(s, b)]),
    );
    const part = await sums(batch);
    const bps = new BitsPerSpike(unitDataset, sessions);
    bps.add(part.dataSync());
    tf.dispose([part, batch]);
    if (total) total.merge(bps);
    else total = bps;
  }
  sums.dispose();
  const each = total!.perUnit();
  const perSession = total!.perSession();
  const perSubject = total!.perSubject();
  for (const [name, golden] of Object.entries(outputs)) {
    const session = sessions.findIndex((s) => name.endsWith(s));
    if (name === "bits_per_spike") expectClose(name, each, golden);
    else if (name === "val_bps_overall") expectClose(name, [total!.overall()], golden);
    else if (name.startsWith("bits_per_spike."))
      expectClose(
        name,
        each.filter((_, unit) => total!.unitDataset[unit] === session),
        golden,
      );
    else if (session >= 0) expectClose(name, [perSession[session]!], golden);
    else expectClose(name, [perSubject[name.replace("val_bps/", "")]!], golden);
  }
}

interface OptimizerParams {
  learning_rate: number;
  core_lr_scale: number;
  weight_decay: number;
  gradient_clip_val: number | null;
  accumulate_grad_batches: number;
  steps: number;
  regularization: unknown[];
  groups: { name: string; params: string[] }[];
  absent?: Record<string, number[]>;
}

/**
 * Returns the parameters of a case, grouped and excluded from decay as in the product, after comparing the groups with
 * the case.
 */
function parametersOf({ weights, params }: GoldenCase, list: readonly RegularizerConfig[]): Parameter[] {
  const specs = Object.entries(weights).flatMap(([name, { shape, data }]) => {
    const [part, prefix] = (Object.entries(WEIGHT_PREFIXES) as [WeightedPart, string][]).find(([, prefix]) =>
      name.startsWith(`${prefix}.`),
    )!;
    const local = name.slice(prefix.length + 1);
    const initial = () => Float32Array.from(data);
    const all = weightsOfPart(part, [{ name: local, shape, initial }]);
    // The cases number the weights of a session in their names.
    const session = /^\d+/.exec(local)?.[0];
    return all.map((each) =>
      each.group === "head" && session !== undefined ? { ...each, session: Number(session) } : each,
    );
  });
  const get = lookUp(createVariables(specs, 0));
  const parameters = specs
    .map((spec) => parameterOf(spec, get(spec.name)))
    .map((p) => (replacesDecay(list, p.name) ? { ...p, decay: false } : p));
  for (const group of params.groups as { name: string; params: string[] }[]) {
    const mine = parameters.filter((x) => `${x.group}_${x.decay ? "decay" : "no_decay"}` === group.name);
    expect(mine.map((x) => x.name).sort(), group.name).toEqual([...group.params].sort());
  }
  return parameters;
}

function regularizersOf({ params }: GoldenCase): RegularizerConfig[] {
  const { regularization } = params;
  return parseModelConfig({ readout: { type: "gaussian" }, regularization }, "golden").regularization;
}

const row = (array: GoldenArray, index: number): GoldenArray => {
  const shape = array.shape.slice(1);
  const size = shape.reduce((a, b) => a * b, 1);
  return { shape, data: array.data.slice(index * size, (index + 1) * size) };
};

interface Steps {
  steps: number;
  lr: number;
  options: AdamWOptions;
  /** The number of gradients that are averaged for a step. Default 1. */
  accumulate?: number;
  absent?: Record<string, number[]>;
  list?: readonly RegularizerConfig[];
  epoch?: number;
}

/** Takes a case's optimizer steps, op by op and compiled, and compares every parameter after each. */
async function compareSteps(golden: GoldenCase, given: Steps): Promise<void> {
  const { steps, lr, options, accumulate = 1, absent = {}, list = [], epoch = 0 } = given;
  const { inputs, outputs, weights } = golden;
  const parameters = parametersOf(golden, list);
  const names = parameters.map(({ name }) => name);
  const regularization = new Regularization(list, parameters);
  for (const compiled of [false, true]) {
    for (const { name, variable } of parameters) tf.tidy(() => variable.assign(toTensor(weights[name]!)));
    const optimizer = new AdamW(parameters, options);
    const step = compile(
      (grads: tf.Tensor[], lr: tf.Scalar, present: tf.Tensor1D, lambdas: tf.Scalar[]) =>
        optimizer.updatePresent({
          grads: Object.fromEntries(parameters.map(({ variable }, i) => [variable.name, grads[i]!])),
          lr,
          present,
          constraints: regularization.constraints(lambdas),
        }),
      { compile: compiled },
    );
    for (let s = 0; s < steps; s++) {
      const micro = Array.from({ length: accumulate }, (_, a) => s * accumulate + a);
      const grads = names.map((name) =>
        tf.tidy(() => {
          const rows = micro.map((i) => toTensor(row(inputs[`grad.${name}`]!, i)));
          return tf.div(tf.addN(rows), micro.length);
        }),
      );
      const present = tf.tensor1d(names.map((name) => (absent[name]?.includes(s) ? 0 : 1)));
      const report = await step(grads, lr, present, regularization.lambdas(epoch));
      if (outputs.global_norm)
        expectClose("global_norm", report.globalNorm.dataSync(), row(outputs.global_norm, s));
      for (const { name, variable } of parameters)
        expectClose(`step ${s}, ${name}`, variable.dataSync(), row(outputs[`after.${name}`]!, s));
      tf.dispose([report, grads, present]);
    }
    step.dispose();
    optimizer.dispose();
  }
  for (const { variable } of parameters) variable.dispose();
}

interface OptimizerParams {
  learning_rate: number;
  core_lr_scale: number;
  weight_decay: number;
  gradient_clip_val: number | null;
  accumulate_grad_batches: number;
  steps: number;
  absent?: Record<string, number[]>;
}

export const optimizer: Check = (golden) => {
  const p = golden.params as unknown as OptimizerParams;
  return compareSteps(golden, {
    steps: p.steps,
    lr: p.learning_rate,
    options: {
      coreLrScale: p.core_lr_scale,
      weightDecay: p.weight_decay,
      gradientClipVal: p.gradient_clip_val,
    },
    accumulate: p.accumulate_grad_batches,
    absent: p.absent ?? {},
    list: regularizersOf(golden),
  });
};

export const regularizer: Check = async (golden) => {
  const list = regularizersOf(golden);
  const { params, weights, outputs, grads } = golden;
  if (outputs.lambda) {
    const regularization = new Regularization(list, []);
    expect(regularization.unmatched).toHaveLength(list.flatMap(({ apply_to }) => apply_to).length);
    const lambdas = outputs.lambda.data.map((_, epoch) => regularization.lambdas(epoch)[0]!);
    expectClose("lambda", lambdas, outputs.lambda);
    return;
  }
  const names = Object.keys(weights);
  const hit = names.filter((n) => list.some((r) => r.apply_to.some((pattern) => matches(pattern, n))));
  expect(hit).toEqual(params.matched);
  const epoch = params.epoch as number;
  if (outputs.penalty) {
    const used = hit.map((name) => ({ name, shape: weights[name]!.shape, initial: zeros }));
    await compareWithGolden(
      {
        ...golden,
        weights: Object.fromEntries(hit.map((n) => [n, weights[n]!])),
        outputs: { loss: outputs.penalty },
      },
      {
        weights: used,
        outputs: (_, get) => {
          const regularization = new Regularization(
            list,
            hit.map((name) => ({ name, variable: get(name) })),
          );
          return { loss: regularization.penalty(regularization.lambdas(epoch).map((l) => tf.scalar(l))) };
        },
      },
    );
    expect(Object.keys(grads)).toEqual(hit);
    return;
  }
  const groups = params.groups as { name: string; lr: number; weight_decay: number }[];
  const of = (start: string) => groups.find(({ name }) => name.startsWith(start))!;
  const lr = of("head").lr;
  await compareSteps(golden, {
    steps: params.steps as number,
    lr,
    options: { coreLrScale: of("core").lr / lr, weightDecay: of("head_decay").weight_decay },
    list,
    epoch,
  });
};

export const scheduler: Check = ({ params, inputs, outputs }) => {
  const options = {
    type: params.lr_scheduler,
    ...(params.warmup_epochs === undefined ? {} : { warmupEpochs: params.warmup_epochs }),
    ...(params.warmup_start_lr === undefined ? {} : { warmupStartLr: params.warmup_start_lr }),
    ...(params.eta_min === undefined ? {} : { etaMin: params.eta_min }),
    ...(params.restart_period === undefined ? {} : { restartPeriod: params.restart_period }),
  } as SchedulerOptions;
  const schedule = makeSchedule(options);
  const maxEpochs = params.max_epochs as number;
  const losses = inputs.val_loss?.data ?? [];
  for (let epoch = 0; epoch < maxEpochs; epoch++) {
    (params.base_lr as number[]).forEach((baseLr, column) => {
      const steps = { step: epoch, maxSteps: maxEpochs, stepsPerEpoch: 1 };
      const lr = schedule({ epoch, ...steps, baseLr, maxEpochs, losses: losses.slice(0, epoch) });
      const golden = outputs.lr!.data[2 * epoch + column]!;
      expect(Math.abs(lr - golden), `epoch ${epoch}`).toBeLessThanOrEqual(1e-9 * golden + 1e-18);
    });
  }
};
