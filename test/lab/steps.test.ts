import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { dump, load } from "js-yaml";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { StatelessRng, tf } from "../../lib/engine";
import type { Callback } from "../../lib/protocols/callback";
import { readSafetensors } from "../../lib/trainer/checkpoint/safetensors";
import { gradientsOf } from "../../lib/trainer/step/gradients";
import { Trainer } from "../../lib/trainer/trainer";
import { loadExperiment } from "../../lib/twin/experiment";
import { importTorch } from "../../lib/twin/import-torch";
import type { TwinModule } from "../../lib/twin/twin-module";
import { newFolder } from "../new-folder";
import { labFile, labModels, labParent, labSessions, largestDifference } from "./lab";

interface Kind {
  /** The configuration's deviations from the PyTorch package. */
  options: { lag_order?: "newest_first"; blur?: "even" };
  steps: string;
  after: string;
  /** The largest difference of a loss, and of a gradient norm. */
  tolerance: number;
}

const KINDS: Record<"documented" | "compatible", Kind> = {
  documented: {
    options: {},
    steps: "steps_documented.json",
    after: "after_steps_documented.safetensors",
    tolerance: 1e-5,
  },
  compatible: {
    options: { lag_order: "newest_first", blur: "even" },
    steps: "steps.json",
    after: "after_steps.safetensors",
    tolerance: 1e-4,
  },
};

/** Adam divides by the size of gradients: a weight whose gradients are close to rounding errors moves by them. */
const WEIGHTS = 5e-5;

beforeAll(() => {
  labSessions();
}, 600_000);
afterEach(() => {
  vi.restoreAllMocks();
});

interface Model {
  lag_order?: string;
  adapter?: { type: string; params?: object };
}

const readYaml = (path: string) => load(readFileSync(path, "utf8")) as Model;

/** Writes the model's file with the options, and returns the files of the experiment. */
function filesOf(name: string, { lag_order, blur }: Kind["options"]) {
  const model = readYaml(labFile("configs", `${name}.yaml`));
  if (lag_order) model.lag_order = lag_order;
  if (blur && model.adapter?.type === "adapter")
    model.adapter = { ...model.adapter, params: { ...model.adapter.params, blur } };
  const file = join(newFolder(), `${name}.yaml`);
  writeFileSync(file, dump(model));
  return { model: file, sessions: labFile("configs", labParent(name)), dataDir: labSessions() };
}

/** Returns arrays of the PyTorch package in the model's layout, by gradbook's names. */
function converted(twin: TwinModule, model: string, expected: string) {
  const { height, width, lags } = twin.sessions[0]!;
  const out = join(newFolder(), "converted.safetensors");
  const input = { height, width, lags: lags.length };
  importTorch({ weights: expected, config: model, out, input, sessions: twin.datasets });
  return readSafetensors(out).tensors;
}

/** Loads the weights before the first step, and returns the batches as rows of all sessions. */
function prepare(twin: TwinModule, name: string, model: string) {
  const start = converted(twin, model, labFile("expected", name, "start.safetensors"));
  for (const { name } of twin.model.plan.weights) {
    const { values, shape } = start.get(name)!;
    tf.tidy(() => twin.model.variable(name).assign(tf.tensor(values, shape)));
  }
  const { batches } = JSON.parse(readFileSync(labFile("expected", name, "batches.json"), "utf8")) as {
    batches: [session: string, type: number, frame: number][][];
  };
  return batches.map((samples) => {
    const dataset = Int32Array.from(samples, ([session]) => twin.datasets.indexOf(session));
    const frame = Int32Array.from(samples, ([, type, frame], i) => {
      const session = dataset[i]!;
      return twin.data.offsets[session]! + twin.sessions[session]!.parts[type]!.first + frame;
    });
    return { dataset, frame };
  });
}

const models = labModels("start.safetensors", "batches.json");

describe.each(Object.entries(KINDS))("with the %s numbers", (_, { options, steps, after, tolerance }) => {
  test.each(models)("%s takes the steps of PyTorch", async (name) => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    const files = filesOf(name, options);
    const twin = await loadExperiment(files);
    const rows = prepare(twin, name, files.model);
    twin.trainBatches = ({ from = 0 }) => rows.slice(from);
    twin.trainBatchCount = () => rows.length;
    const [losses, norms]: [number[], number[]] = [[], []];
    const watch: Callback = {
      onTrainBatchEnd(_, { loss, penalty, gradientNorm }) {
        losses.push(loss + penalty);
        norms.push(gradientNorm);
      },
    };
    await new Trainer({
      dir: newFolder(),
      maxEpochs: 1,
      stepsPerEpoch: rows.length,
      batchSize: rows[0]!.frame.length,
      limitValBatches: 0,
      gradientClipVal: 1,
      callbacks: [watch],
      optimizer: { type: "adamw", lr: 1e-3, weightDecay: 1e-5 },
    }).fit(twin);
    const expected = JSON.parse(readFileSync(labFile("expected", name, steps), "utf8"));
    expect(largestDifference(losses, expected.loss)).toBeLessThan(tolerance);
    expect(largestDifference(norms, expected.gradient_norm_before_clipping)).toBeLessThan(tolerance);
    for (const [weight, { values }] of converted(twin, files.model, labFile("expected", name, after))) {
      const difference = largestDifference(twin.model.variable(weight).dataSync(), values);
      expect(difference, weight).toBeLessThan(WEIGHTS);
    }
    twin.dispose();
  });
});

test.each(labModels("first_gradients.safetensors"))("%s has the first gradients of PyTorch", async (name) => {
  vi.spyOn(console, "warn").mockImplementation(() => {});
  const files = filesOf(name, KINDS.compatible.options);
  const twin = await loadExperiment(files);
  const { dataset, frame } = prepare(twin, name, files.model)[0]!;
  const file = labFile("expected", name, "first_gradients.safetensors");
  const expected = converted(twin, files.model, file);
  const raw = readSafetensors(file).tensors;
  const lambdas = twin.regularization.lambdas(0);
  const found = tf.tidy(() => {
    const batch = { dataset: tf.tensor1d(dataset, "int32"), frame: tf.tensor1d(frame, "int32") };
    const penalty = () => twin.regularization.penalty(lambdas.map((lambda) => tf.scalar(lambda)));
    const gradients = gradientsOf(twin, batch, new StatelessRng(0, tf.scalar(0)), penalty);
    return gradients.map((each) => each.dataSync());
  });
  twin.parameters.forEach((parameter, i) => {
    // The bias of a linear readout has two names in PyTorch, and its gradient has the first one. A weight without effect has no gradient.
    const alias = `model.${parameter.name.replace(".fc.bias", ".bias")}`;
    const gradient = expected.get(parameter.name) ?? raw.get(alias);
    const values = gradient?.values ?? new Float32Array(found[i]!.length);
    expect(largestDifference(found[i]!, values), parameter.name).toBeLessThan(1e-5);
  });
  twin.dispose();
});
