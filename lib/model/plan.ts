import type { z } from "zod";
import { tf } from "../engine";
import {
  below,
  type Mode,
  type Place,
  problemAt,
  SAME_PLACE,
  scoped,
  type VideoShape,
  type WeightSpec,
} from "../nn";
import { componentOf } from "../nn/component";
import { newestFrames, newestOf, perFrame } from "../nn/newest";
import { keptBy, type PlanFacts, prefixedKernels } from "../nn/plan";
import { composeGeometry } from "../nn/shape";
import { given, inLagOrder } from "./batch";
import { type ModelConfig, STAGES } from "./config";
import { planHead } from "./head";
import type { ModelInput, ModelPlan, SessionStages, StageName, StageSummary, StageTap } from "./planned";
import { type PlacedStage, planAdapters } from "./session-stages";
import { requireAllocatable, requireWeights } from "./sizes";
import type { UnitFacts } from "./stages";
import { WEIGHT_PREFIXES, weightsOfPart } from "./weights";

/**
 * Plans a model with all its shapes.
 *
 * @throws ConfigError for an impossible model, such as one with a kernel larger than its input
 */
export function planModel(config: ModelConfig, input: ModelInput, where: string): ModelPlan {
  checkInput(input, where);
  const root = { where, path: "" };
  const { lags, height, width, units, behaviors = 0, behaviorLags } = input;
  const channels = inputChannels(config, input, where);
  const seesStimulus = !isModulatorOnly(config, input);
  const stimulus: VideoShape = seesStimulus ? { time: lags, height, width, channels } : ONE_PIXEL;
  const place = (stage: StageName) => below(below(root, stage), "params");
  const found = <S extends StageName>(stage: S) =>
    componentOf<(typeof STAGES)[S][string]>(
      STAGES[stage] as Record<string, (typeof STAGES)[S][string]>,
      config[stage].type,
      below(below(root, stage), "type"),
    );
  const params = (stage: StageName) => [config[stage].params, place(stage)] as const;
  const allAdapted = perFrame(
    planAdapters(stagesOf("adapter", config, input, root), ({ type, params, at }, sessions) =>
      componentOf(STAGES.adapter, type, below(at, "type")).plan(
        params,
        below(at, "params"),
        stimulus,
        sessions,
      ),
    ),
  );
  const filter = found("frontend");
  const allFiltered = filter.plan(
    frontendParams(config, filter.options),
    place("frontend"),
    allAdapted.output,
  );
  const allFeatures = found("convnet").plan(...params("convnet"), allFiltered.output);
  const allModulated = found("modulator").plan(
    ...params("modulator"),
    allFeatures.output,
    behaviors,
    behaviorLags,
  );
  const sequence = found("recurrent").plan(...params("recurrent"), allModulated.output, LAST_STATE_ONLY);
  // The readouts read only the last frame. Going backwards from there, each stage computes only the frames that the next one needs.
  const { plan: recurrent, needs: modulatedFrames } = newestOf(sequence, 1, allModulated.output.time);
  const { plan: modulator, needs: featureFrames } = newestOf(
    allModulated,
    modulatedFrames,
    allFeatures.output.time,
  );
  const { plan: convnet, needs: filteredFrames } = newestOf(
    allFeatures,
    featureFrames,
    allFiltered.output.time,
  );
  const { plan: frontend, needs: adaptedFrames } = newestOf(
    allFiltered,
    filteredFrames,
    allAdapted.output.time,
  );
  const { plan: adapter, needs: stimulusFrames } = allAdapted.newest(adaptedFrames);
  const stages: [StageName, PlanFacts][] = [
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
  requireAllocatable(stages, root);
  const readouts = stagesOf("readout", config, input, root);
  const head = planHead(config, output, units, factsOf(input), root, readouts);
  const apply: ModelPlan["apply"] = (served, weights, mode, how) => {
    const { unitsOf, frozen = NOTHING, tap = UNCHANGED } = how;
    const batch = inLagOrder(served, config.lag_order);
    const { stim, behavior, dataset } = batch;
    const of = (stage: StageName) => scoped(weights, WEIGHT_PREFIXES[stage]);
    const modeOf = (stage: StageName) => (frozen.has(stage) ? AS_IT_IS : mode);
    const seen = newestFrames(seesStimulus ? given(stim, "stim") : ones(behavior), stimulusFrames);
    const adapted = tap("adapter", adapter.apply(seen, dataset, of("adapter"), modeOf("adapter")));
    const filtered = tap(
      "frontend",
      frontend.apply(newestFrames(adapted, adaptedFrames), of("frontend"), modeOf("frontend")),
    );
    const features = tap(
      "convnet",
      convnet.apply(newestFrames(filtered, filteredFrames), of("convnet"), modeOf("convnet")),
    );
    const modulated = modulator.apply(
      newestFrames(features, featureFrames),
      behavior,
      of("modulator"),
      modeOf("modulator"),
    );
    const sequence = newestFrames(tap("modulator", modulated.features), modulatedFrames);
    const core = tap("recurrent", recurrent.apply(sequence, of("recurrent"), modeOf("recurrent")));
    const outputs = head.apply(core, batch, weights, mode, unitsOf);
    return modulated.auxiliary ? { ...outputs, auxiliary: modulated.auxiliary } : outputs;
  };
  const summaries = [
    ...stages.map(([stage, plan]) => summaryOf(stage, config[stage].type, plan)),
    {
      stage: "readout",
      type: config.readout.type,
      outputShape: [sum(units)],
      parameters: count(head.weights),
      flops: head.flops,
      kept: Math.max(...units),
    },
  ];
  const weights = [...stages.flatMap(([stage, plan]) => weightsOfPart(stage, plan.weights)), ...head.weights];
  requireWeights(weights, root);
  return {
    stages: summaries,
    weights,
    kernels: [
      ...prefixedKernels(WEIGHT_PREFIXES.frontend, frontend.kernels),
      ...prefixedKernels(WEIGHT_PREFIXES.convnet, convnet.kernels),
    ],
    core: output,
    geometry: composeGeometry(adapter.geometry, adapted),
    adapted,
    adapter,
    frontend,
    readouts: head.readouts,
    historyLags: head.historyLags,
    readsEyepos: head.readsEyepos,
    seesStimulus,
    apply,
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

function summaryOf(stage: StageName, type: string, plan: PlanFacts): StageSummary {
  return {
    stage,
    type,
    outputShape: dimensions(plan.output),
    parameters: count(plan.weights),
    flops: plan.flops,
    kept: type === "none" ? 0 : keptBy(plan),
  };
}

/** Whether a recurrent stage returns all states; the readouts need only the last one. */
const LAST_STATE_ONLY = false;
const NOTHING: ReadonlySet<StageName> = new Set();
/** Leaves the outputs of stages as they are. */
const UNCHANGED: StageTap = (_, output) => output;
/** The mode of a frozen stage: no dropout, no update of running statistics. */
const AS_IT_IS: Mode = { training: false };

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

/** Returns the options of a frontend. If it has an option `sampling_rate`, its default is the model's rate. */
export function frontendParams(
  { frontend, sampling_rate }: ModelConfig,
  options: z.ZodType,
): Record<string, unknown> {
  const { shape = {} } = options as { shape?: object };
  return "sampling_rate" in shape ? { sampling_rate, ...frontend.params } : frontend.params;
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
