import { expect } from "vitest";
import { compile, tf } from "../../../lib/engine";
import { poissonLoss } from "../../../lib/losses/counts";
import {
  buildModel,
  type Model,
  type ModelBatch,
  type ModelInput,
  parseModelConfig,
} from "../../../lib/model";
import { AdamW } from "../../../lib/trainer/optim/adam";
import { type Check, expectClose, type GoldenArray, type GoldenCase, toTensor } from "../golden";

interface Train {
  learning_rate: number;
  core_lr_scale: number;
  weight_decay: number;
  gradient_clip_val: number;
  accumulate_grad_batches: number;
  epoch: number;
  optimizer_steps: number;
}

interface Batch extends ModelBatch, tf.TensorContainerObject {
  robs: tf.Tensor2D;
  mask: tf.Tensor2D;
}

/** Converts the groups of a micro batch to the product's batch: samples one after another, all units side by side. */
function batchOf({ inputs }: GoldenCase, index: number, units: readonly number[]): Batch {
  const groups = units.map((_, d) => (name: string) => inputs[`batch${index}.${d}.${name}`]);
  const all = (name: string) => {
    const parts = groups.map((group) => group(name)).filter((array) => array !== undefined);
    return parts.length > 0 ? tf.concat(parts.map(toTensor), 0) : undefined;
  };
  const width = units.reduce((a, b) => a + b, 0);
  const counts = groups.map((group) => group("robs")!.shape[0]!);
  const ofUnits = (name: string) => {
    let left = 0;
    const rows = groups.map((group, d) => {
      const own = tf.mul(toTensor(group(name)!), tf.ones([1, units[d]!]));
      const row = tf.pad(own as tf.Tensor2D, [[0, 0], [left, width - left - units[d]!]]); // biome-ignore format: pairs
      left += units[d]!;
      return row;
    });
    return tf.concat(rows, 0) as tf.Tensor2D;
  };
  return tf.tidy(() => {
    const [stim, behavior] = [all("stim"), all("behavior")];
    return {
      ...(stim ? { stim: tf.div(tf.sub(stim, 127), 255) as tf.Tensor5D } : {}),
      ...(behavior ? { behavior: behavior as tf.Tensor2D } : {}),
      dataset: tf.tensor1d(
        counts.flatMap((n, d) => Array<number>(n).fill(d)),
        "int32",
      ),
      robs: ofUnits("robs"),
      mask: ofUnits("dfs"),
    };
  });
}

function build({ params, inputs, weights }: GoldenCase): Model {
  const datasets = params.datasets as { cids: number[] }[];
  const [, lags = 1, height = 1, width = 1] = inputs["batch0.0.stim"]?.shape ?? [];
  const behaviors = inputs["batch0.0.behavior"]?.shape[1] ?? 0;
  const input: ModelInput = { lags, height, width, units: datasets.map((d) => d.cids.length), behaviors };
  const model = buildModel(parseModelConfig(params.model, "golden"), input, 0, "golden");
  const all = [...model.parameters, ...model.state];
  expect(all.map(({ name }) => name).sort()).toEqual(Object.keys(weights).sort());
  for (const { name, variable } of all) tf.tidy(() => variable.assign(toTensor(weights[name]!)));
  for (const group of params.groups as { name: string; params: string[] }[]) {
    const mine = model.parameters.filter(
      (x) => `${x.group}_${x.decay ? "decay" : "no_decay"}` === group.name,
    );
    expect(mine.map((x) => x.name).sort(), group.name).toEqual([...group.params].sort());
  }
  return model;
}

/** Averages the gradients of several micro batches of different sizes, and takes one optimizer step. */
function makeStep(model: Model, { epoch, ...train }: Train, compiled: boolean) {
  const optimizer = new AdamW(model.parameters, {
    coreLrScale: train.core_lr_scale,
    weightDecay: train.weight_decay,
    gradientClipVal: train.gradient_clip_val,
  });
  const variables = model.parameters.map(({ variable }) => variable);
  const { unitDataset, regularization, logRate } = model;
  const step = (batches: Batch[], lr: tf.Scalar, lambdas: tf.Scalar[]) => {
    const micro = batches.map(({ robs, mask, ...batch }) => {
      const losses = () => {
        const rate = model.forward(batch, { training: true });
        return { ...poissonLoss({ rate, robs, mask, unitDataset }, { logRate }), rate };
      };
      const { value: total, grads } = tf.variableGrads(
        () => tf.add(losses().loss, regularization.penalty(lambdas)),
        variables,
      );
      return { ...losses(), total, grads };
    });
    const grads = Object.fromEntries(
      variables.map(({ name }) => [name, tf.div(tf.addN(micro.map((m) => m.grads[name]!)), micro.length)]),
    );
    const present = micro.map((m) => m.present).reduce((a, b) => tf.maximum(a, b));
    const constraints = regularization.constraints(lambdas);
    const { globalNorm } = optimizer.update({ grads, lr, present, constraints });
    const ofGrad = (g: tf.Tensor) => tf.stack([tf.sum(g), tf.sum(tf.square(g))]);
    return { micro, globalNorm, grads: variables.map(({ name }) => ofGrad(grads[name]!)) };
  };
  const run = compile(step, { compile: compiled });
  return {
    take: (batches: Batch[]) => run(batches as never, train.learning_rate, regularization.lambdas(epoch)),
    dispose: () => {
      run.dispose();
      optimizer.dispose();
    },
  };
}

export const model: Check = async (golden) => {
  const { outputs } = golden;
  const train = golden.params.train as Train;
  const units = (golden.params.datasets as { cids: number[] }[]).map((d) => d.cids.length);
  const at = ({ data, shape }: GoldenArray, i: number): GoldenArray => {
    const size = shape.slice(1).reduce((a, b) => a * b, 1);
    return { shape: shape.slice(1), data: data.slice(i * size, (i + 1) * size) };
  };
  for (const compiled of [false, true]) {
    const model = build(golden);
    const step = makeStep(model, train, compiled);
    const close = (name: string, found: tf.Tensor, array: GoldenArray) =>
      expectClose(`${compiled ? "compiled" : "op by op"}, ${name}`, found.dataSync(), array);
    for (let s = 0; s < train.optimizer_steps; s++) {
      const a = train.accumulate_grad_batches;
      const batches = Array.from({ length: a }, (_, i) => batchOf(golden, s * a + i, units));
      const found = await step.take(batches);
      found.micro.forEach((m, i) => {
        close(`step ${s}, loss`, m.loss, at(outputs.loss!, s * a + i));
        close(`step ${s}, total_loss`, m.total, at(outputs.total_loss!, s * a + i));
        close(`step ${s}, dataset_loss`, m.datasetLoss, at(outputs.dataset_loss!, s * a + i));
      });
      close(`step ${s}, global_norm`, found.globalNorm, at(outputs.global_norm!, s));
      if (s === 0) {
        compareRates(found.micro[0]!.rate.arraySync(), golden, units);
        model.parameters.forEach(({ name }, i) => {
          close(`first_grad.${name}`, found.grads[i]!, outputs[`first_grad.${name}`]!);
        });
      }
      tf.dispose([found, batches] as unknown as tf.TensorContainer);
    }
    for (const { name, variable } of model.parameters) {
      const sums = tf.tidy(() => tf.stack([tf.sum(variable), tf.sum(tf.square(variable))]));
      close(`final.${name}`, sums, outputs[`final.${name}`]!);
      sums.dispose();
    }
    step.dispose();
    model.dispose();
  }
};

/** Returns the block of each session in the rates `[B, N]`. */
function compareRates(rates: number[][], { outputs }: GoldenCase, units: readonly number[]): void {
  let [row, column] = [0, 0];
  units.forEach((n, d) => {
    const golden = outputs[`rhat.${d}`]!;
    const own = rates.slice(row, row + golden.shape[0]!).map((r) => r.slice(column, column + n));
    expectClose(`rhat.${d}`, own.flat(), golden);
    row += golden.shape[0]!;
    column += n;
  });
}
