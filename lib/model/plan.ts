import { product } from "../base/arrays/shape";
import { tf } from "../engine";
import { below, type Place, problemAt, type VideoShape, type WeightSpec } from "../nn";
import { keptBy } from "../nn/plan";
import { composeGeometry } from "../nn/shape";
import { given, inLagOrder } from "./batch";
import type { ModelConfig } from "./config";
import { type PlannedCore, planCore } from "./core";
import { type PlannedHead, planHead } from "./head";
import type { ModelInput, ModelPlan, SessionStages, StageSummary } from "./planned";
import type { PlacedStage } from "./session-stages";
import { requireAllocatable, requireWeights } from "./sizes";
import type { UnitFacts } from "./stages";
import { weightsOfPart } from "./weights";

/**
 * Plans a model with all its shapes.
 *
 * @throws ConfigError for an impossible model, such as one with a kernel larger than its input
 */
export function planModel(config: ModelConfig, input: ModelInput, where: string): ModelPlan {
  checkInput(input, where);
  const root = { where, path: "" };
  const { lags, height, width, units } = input;
  const channels = inputChannels(config, input, where);
  const seesStimulus = !isModulatorOnly(config, input);
  const stimulus: VideoShape = seesStimulus ? { time: lags, height, width, channels } : ONE_PIXEL;
  const core = planCore(config, input, stimulus, stagesOf("adapter", config, input, root), root);
  requireAllocatable(core.stages, root);
  const readouts = stagesOf("readout", config, input, root);
  const head = planHead(config, core.output, units, factsOf(input), root, readouts);
  const weights = [
    ...core.stages.flatMap(([stage, plan]) => weightsOfPart(stage, plan.weights)),
    ...head.weights,
  ];
  requireWeights(weights, root);
  return {
    stages: summariesOf(config, core, head, units),
    weights,
    kernels: core.kernels,
    core: core.output,
    geometry: composeGeometry(core.adapter.geometry, core.adapted),
    adapted: core.adapted,
    adapter: core.adapter,
    frontend: core.frontend,
    readouts: head.readouts,
    historyLags: head.historyLags,
    readsEyepos: head.readsEyepos,
    seesStimulus,
    apply: (served, weights, mode, how) => {
      const batch = inLagOrder(served, config.lag_order);
      const stim = seesStimulus ? given(batch.stim, "stim") : ones(batch.behavior);
      const { features, auxiliary } = core.apply(stim, batch, weights, mode, how);
      const outputs = head.apply(features, batch, weights, mode, how.unitsOf);
      return auxiliary ? { ...outputs, auxiliary } : outputs;
    },
  };
}

/** Returns the channels of the stimulus. @throws ConfigError when the configuration and the sessions differ */
function inputChannels(
  { initial_input_channels: wanted }: ModelConfig,
  input: ModelInput,
  where: string,
): number {
  const { channels = wanted ?? 1 } = input;
  if ((wanted ?? channels) === channels) return channels;
  throw problemAt(
    { where, path: "initial_input_channels" },
    `is ${wanted}, but the sessions' movies have ${channels} channels (the last axis of stim); change it, or leave it out`,
  );
}

function summariesOf(
  config: ModelConfig,
  core: PlannedCore,
  head: PlannedHead,
  units: readonly number[],
): StageSummary[] {
  const ofCore = core.stages.map(([stage, plan]) => ({
    stage,
    type: config[stage].type,
    outputShape: dimensions(plan.output),
    parameters: count(plan.weights),
    flops: plan.flops,
    kept: config[stage].type === "none" ? 0 : keptBy(plan),
  }));
  const ofReadouts = {
    stage: "readout",
    type: config.readout.type,
    outputShape: [sum(units)],
    parameters: count(head.weights),
    flops: head.flops,
    kept: Math.max(...units),
  };
  return [...ofCore, ofReadouts];
}

function factsOf({ unitCoordinates, unitGroups }: ModelInput): UnitFacts {
  return {
    ...(unitCoordinates ? { coordinates: unitCoordinates } : {}),
    ...(unitGroups ? { groups: unitGroups } : {}),
  };
}

const ONE_PIXEL: VideoShape = { time: 1, height: 1, width: 1, channels: 1 };

/** Whether no stage before the modulator reads the stimulus. */
function isModulatorOnly(
  { adapter, frontend, convnet, modulator }: ModelConfig,
  { sessionStages = [] }: ModelInput,
): boolean {
  const own = sessionStages.flatMap((stages) => (stages.adapter ? [stages.adapter] : []));
  const before = [adapter, frontend, convnet, ...own];
  return modulator.type !== "none" && before.every(({ type }) => type === "none");
}

/** Returns a stage of each session: its own, or that of the model. */
function stagesOf(
  key: keyof SessionStages,
  config: ModelConfig,
  { units, sessionStages = [] }: ModelInput,
  root: Place,
): PlacedStage[] {
  return units.map((_, session) => {
    const own = sessionStages[session]?.[key];
    if (!own) return { ...config[key], at: below(root, key) };
    return { ...own, at: below(below(below(root, "sessions"), session), key) };
  });
}

/** The input of a modulator-only model in place of the stimulus. */
const ones = (behavior: tf.Tensor2D | undefined) =>
  tf.ones([given(behavior, "behavior").shape[0], 1, 1, 1, 1]) as tf.Tensor5D;

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
  sum(weights.filter((w) => w.trained ?? true).map((w) => product(w.shape)));
