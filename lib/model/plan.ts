import { tf } from "../engine";
import {
  below,
  componentOf,
  composeGeometry,
  type Geometry,
  type Mode,
  type Plan,
  prefixed,
  problemAt,
  SAME_PLACE,
  scoped,
  type VideoShape,
  type WeightSpec,
  type Weights,
} from "../nn";
import { constant } from "../nn/initializers";
import type { PlannedAdapter } from "./adapter/planned";
import { given, type ModelBatch } from "./batch";
import { type ModelConfig, STAGES } from "./config";
import type { PlannedFrontend } from "./frontend/planned";
import { addBaseline, OUTPUT_ACTIVATIONS } from "./output";
import type { PlannedReadouts } from "./readout/planned";

/** What a model is made for. */
export interface ModelInput {
  /** Frames of one sample, newest last. */
  readonly lags: number;
  /** Pixels of a frame. */
  readonly height: number;
  readonly width: number;
  /** The number of units of each session. */
  readonly units: readonly number[];
  /** The behaviour variables of a sample, V. Default 0: none are served. */
  readonly behaviors?: number;
}

/** One row of the summary. */
export interface StageSummary {
  readonly stage: string;
  readonly type: string;
  /** Of one sample, without the batch. */
  readonly outputShape: readonly number[];
  readonly parameters: number;
  /** Of one sample's forward pass. */
  readonly flops: number;
}

/** A model before it has weights. */
export interface ModelPlan {
  readonly stages: readonly StageSummary[];
  readonly weights: readonly WeightSpec[];
  /** Of the core's output. */
  readonly core: VideoShape;
  /** Where the core's output lies on the stimulus, by the adapters' first weights. */
  readonly geometry: Geometry;
  /** Where the core's output lies on the adapters' output. */
  readonly adapted: Geometry;
  readonly adapter: PlannedAdapter;
  readonly frontend: PlannedFrontend;
  readonly readouts: PlannedReadouts;
  /** False for a modulator-only model: no stimulus is moved or read. */
  readonly seesStimulus: boolean;
  /** The rates of all units for all samples, `[B, N]`. */
  apply(batch: ModelBatch, weights: Weights, mode: Mode): tf.Tensor2D;
}

/**
 * Works out every shape of a model.
 *
 * @throws ConfigError for what cannot be, such as a kernel larger than what reaches it
 */
export function planModel(config: ModelConfig, input: ModelInput, where: string): ModelPlan {
  checkInput(input, where);
  const root = { where, path: "" };
  const { lags, height, width, units, behaviors = 0 } = input;
  const seesStimulus = !isModulatorOnly(config);
  const stimulus: VideoShape = seesStimulus ? { time: lags, height, width, channels: 1 } : ONE_PIXEL;
  const place = (stage: keyof typeof STAGES) => below(below(root, stage), "params");
  const found = <S extends keyof typeof STAGES>(stage: S) =>
    componentOf<(typeof STAGES)[S][string]>(
      STAGES[stage] as Record<string, (typeof STAGES)[S][string]>,
      config[stage].type,
      below(below(root, stage), "type"),
    );

  const adapter = found("adapter").plan(config.adapter.params, place("adapter"), stimulus, units.length);
  const frontend = found("frontend").plan(frontendParams(config), place("frontend"), adapter.output);
  const convnet = found("convnet").plan(config.convnet.params, place("convnet"), frontend.output);
  const modulator = found("modulator").plan(
    config.modulator.params,
    place("modulator"),
    convnet.output,
    behaviors,
  );
  const recurrent = found("recurrent").plan(
    config.recurrent.params,
    place("recurrent"),
    modulator.output,
    false,
  );
  const stages: [keyof typeof STAGES, Omit<Plan, "apply">][] = [
    ["adapter", adapter],
    ["frontend", frontend],
    ["convnet", convnet],
    ["modulator", modulator],
    ["recurrent", recurrent],
  ];
  const adapted = stages
    .slice(1)
    .reduce((place, [, plan]) => composeGeometry(place, plan.geometry), SAME_PLACE);
  const { output } = recurrent;
  const readouts = found("readout").plan(config.readout.params, place("readout"), output, units);
  const head = planHead(config, units, readouts);

  return {
    stages: [
      ...stages.map(([stage, plan]) => ({
        stage,
        type: config[stage].type,
        outputShape: dimensions(plan.output),
        parameters: count(plan.weights),
        flops: plan.flops,
      })),
      {
        stage: "readout",
        type: config.readout.type,
        outputShape: [sum(units)],
        parameters: count(head.weights),
        flops: readouts.flops,
      },
    ],
    weights: [
      ...stages.flatMap(([stage, plan]) => prefixed(weightsName(stage), plan.weights)),
      ...head.weights,
    ],
    core: output,
    geometry: composeGeometry(adapter.geometry, adapted),
    adapted,
    adapter,
    frontend,
    readouts,
    seesStimulus,
    apply: ({ stim, behavior, dataset }, weights, mode) => {
      const of = (stage: keyof typeof STAGES) => scoped(weights, weightsName(stage));
      let x = adapter.apply(
        seesStimulus ? given(stim, "stim") : ones(behavior),
        dataset,
        of("adapter"),
        mode,
      );
      x = frontend.apply(x, of("frontend"), mode);
      x = convnet.apply(x, of("convnet"), mode);
      x = modulator.apply(x, behavior, of("modulator"), mode);
      x = recurrent.apply(x, of("recurrent"), mode);
      return head.apply(x, weights);
    },
  };
}

const ONE_PIXEL: VideoShape = { time: 1, height: 1, width: 1, channels: 1 };

/** Whether nothing that looks at the stimulus stands before the modulator. */
function isModulatorOnly({ adapter, frontend, convnet, modulator }: ModelConfig): boolean {
  return modulator.type !== "none" && [adapter, frontend, convnet].every(({ type }) => type === "none");
}

/** What a modulator-only model sees in place of the stimulus. */
const ones = (behavior: tf.Tensor2D | undefined) =>
  tf.ones([given(behavior, "behavior").shape[0], 1, 1, 1, 1]) as tf.Tensor5D;

/** What the weights of a stage are named below: there is one adapter for each session. */
const weightsName = (stage: keyof typeof STAGES) => (stage === "adapter" ? "adapters" : stage);

/** Readouts, output activation and baseline. */
function planHead(
  { baseline, output_activation }: ModelConfig,
  units: readonly number[],
  readouts: PlannedReadouts,
) {
  const weights = prefixed("readouts", readouts.weights);
  const initial = constant(baseline.init_value);
  const baselines = units.map((n, session) => ({ name: `baselines.${session}`, shape: [n], initial }));
  return {
    weights: baseline.enabled ? [...weights, ...baselines] : weights,
    apply: (x: tf.Tensor5D, get: Weights) => {
      const rates = OUTPUT_ACTIVATIONS[output_activation].apply(readouts.apply(x, scoped(get, "readouts")));
      if (!baseline.enabled) return rates;
      return addBaseline(
        rates,
        baselines.map(({ name }) => get(name)),
        baseline.activation,
      );
    },
  };
}

/** The frontend's sampling rate is the model's unless it says otherwise. */
function frontendParams({ frontend, sampling_rate }: ModelConfig): Record<string, unknown> {
  return frontend.type === "learnable_temporal" ? { sampling_rate, ...frontend.params } : frontend.params;
}

function checkInput({ lags, height, width, units, behaviors = 0 }: ModelInput, where: string): void {
  const bad = Object.entries({ lags, height, width }).find(([, n]) => !Number.isInteger(n) || n < 1);
  if (bad) throw problemAt({ where, path: bad[0] }, `must be a positive whole number; it is ${bad[1]}`);
  if (!Number.isInteger(behaviors) || behaviors < 0)
    throw problemAt({ where, path: "behaviors" }, `must be a whole number, 0 or more; it is ${behaviors}`);
  if (units.length === 0 || units.some((n) => !Number.isInteger(n) || n < 1))
    throw problemAt(
      { where, path: "units" },
      `needs one positive number per session; it is [${units.join(", ")}]`,
    );
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const dimensions = ({ time, height, width, channels }: VideoShape) => [time, height, width, channels];
const count = (weights: readonly WeightSpec[]) =>
  sum(weights.filter((w) => w.trained ?? true).map((w) => w.shape.reduce((a, b) => a * b, 1)));
