import type { tf } from "../engine";
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
  /** Where the core's output lies on the stimulus. */
  readonly geometry: Geometry;
  readonly frontend: PlannedFrontend;
  readonly readouts: PlannedReadouts;
  /** `[B, T, H, W, 1]` → `[B, N]` */
  apply(stim: tf.Tensor5D, weights: Weights, mode: Mode): tf.Tensor2D;
}

/**
 * Works out every shape of a model.
 *
 * @throws ConfigError for what cannot be, such as a kernel larger than what reaches it
 */
export function planModel(config: ModelConfig, input: ModelInput, where: string): ModelPlan {
  checkInput(input, where);
  const root = { where, path: "" };
  const stimulus: VideoShape = { time: input.lags, height: input.height, width: input.width, channels: 1 };
  const place = (stage: keyof typeof STAGES) => below(below(root, stage), "params");
  const found = <S extends keyof typeof STAGES>(stage: S) =>
    componentOf<(typeof STAGES)[S][string]>(
      STAGES[stage] as Record<string, (typeof STAGES)[S][string]>,
      config[stage].type,
      below(below(root, stage), "type"),
    );

  const adapter = found("adapter").plan(config.adapter.params, place("adapter"), stimulus);
  const frontend = found("frontend").plan(frontendParams(config), place("frontend"), adapter.output);
  const convnet = found("convnet").plan(config.convnet.params, place("convnet"), frontend.output);
  const modulator = found("modulator").plan(config.modulator.params, place("modulator"), convnet.output);
  const recurrent = found("recurrent").plan(
    config.recurrent.params,
    place("recurrent"),
    modulator.output,
    false,
  );
  const core: [keyof typeof STAGES, Plan][] = [
    ["adapter", adapter],
    ["frontend", frontend],
    ["convnet", convnet],
    ["modulator", modulator],
    ["recurrent", recurrent],
  ];
  const { output } = recurrent;
  const readouts = found("readout").plan(config.readout.params, place("readout"), output, input.units);
  const head = planHead(config, input.units, readouts);

  return {
    stages: [
      ...core.map(([stage, plan]) => ({
        stage,
        type: config[stage].type,
        outputShape: dimensions(plan.output),
        parameters: count(plan.weights),
        flops: plan.flops,
      })),
      {
        stage: "readout",
        type: config.readout.type,
        outputShape: [sum(input.units)],
        parameters: count(head.weights),
        flops: readouts.flops,
      },
    ],
    weights: [...core.flatMap(([stage, plan]) => prefixed(stage, plan.weights)), ...head.weights],
    core: output,
    geometry: core.reduce((geometry, [, plan]) => composeGeometry(geometry, plan.geometry), SAME_PLACE),
    frontend,
    readouts,
    apply: (stim, weights, mode) => {
      const x = core.reduce((y, [stage, plan]) => plan.apply(y, scoped(weights, stage), mode), stim);
      return head.apply(x, weights);
    },
  };
}

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

function checkInput({ lags, height, width, units }: ModelInput, where: string): void {
  const bad = Object.entries({ lags, height, width }).find(([, n]) => !Number.isInteger(n) || n < 1);
  if (bad) throw problemAt({ where, path: bad[0] }, `must be a positive whole number; it is ${bad[1]}`);
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
