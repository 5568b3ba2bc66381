import type { z } from "zod";
import type { tf } from "../engine";
import {
  below,
  type Geometry,
  type LayerKernel,
  type Mode,
  type Place,
  type Plan,
  SAME_PLACE,
  scoped,
  type VideoShape,
  type Weights,
} from "../nn";
import { componentOf } from "../nn/component";
import { type Newest, newestFrames, newestOf, perFrame } from "../nn/newest";
import { type PlanFacts, prefixedKernels } from "../nn/plan";
import { composeGeometry } from "../nn/shape";
import type { ModelBatch } from "./batch";
import { type ModelConfig, STAGES } from "./config";
import type { ApplyOptions, CoreStage, ModelInput, StageTap } from "./planned";
import { planAdapters } from "./session-adapters";
import type { PlacedStage } from "./session-stages";
import type { Modulated, PlannedAdapter, PlannedFrontend, PlannedModulator } from "./stages";
import { WEIGHT_PREFIXES } from "./weights";

/** The stages before the readouts: the sessions' adapters, and the core that all sessions share. */
export interface PlannedCore {
  /** The plans of the stages in their order. */
  readonly stages: readonly (readonly [CoreStage, PlanFacts])[];
  readonly adapter: PlannedAdapter;
  readonly frontend: PlannedFrontend;
  /** The convolution kernels of frontend and convnet. */
  readonly kernels: readonly LayerKernel[];
  readonly output: VideoShape;
  /** The position of the output on the adapters' output. */
  readonly adapted: Geometry;
  /** Computes the features that the readouts read, and the modulator's auxiliary loss. */
  apply(
    stim_BTHWC: tf.Tensor5D,
    batch: Pick<ModelBatch, "behavior" | "dataset">,
    weights: Weights,
    mode: Mode,
    how: Pick<ApplyOptions, "frozen" | "tap">,
  ): Modulated;
}

/**
 * Plans the stages before the readouts. The readouts read only the last frame, so each stage computes only the frames that this one
 * depends on.
 *
 * @param stimulus the shape of a sample's stimulus
 * @param adapters the adapter of each session
 * @throws ConfigError for unknown types and options, and for impossible shapes
 */
export function planCore(
  config: ModelConfig,
  input: ModelInput,
  stimulus: VideoShape,
  adapters: readonly PlacedStage[],
  root: Place,
): PlannedCore {
  const restricted = forLastFrame(planStages(config, input, stimulus, adapters, root));
  const { adapter, frontend, convnet, modulator, recurrent } = restricted;
  const shared = [frontend.plan, convnet.plan, modulator.plan, recurrent.plan];
  return {
    stages: [
      ["adapter", adapter.plan],
      ["frontend", frontend.plan],
      ["convnet", convnet.plan],
      ["modulator", modulator.plan],
      ["recurrent", recurrent.plan],
    ],
    adapter: adapter.plan,
    frontend: frontend.plan,
    kernels: [
      ...prefixedKernels(WEIGHT_PREFIXES.frontend, frontend.plan.kernels),
      ...prefixedKernels(WEIGHT_PREFIXES.convnet, convnet.plan.kernels),
    ],
    output: recurrent.plan.output,
    adapted: shared.reduce((place, { geometry }) => composeGeometry(place, geometry), SAME_PLACE),
    apply: (stim, batch, weights, mode, how) => applyStages(restricted, stim, batch, weights, mode, how),
  };
}

/** The plan of each stage for all frames of its input. */
interface WholeStages {
  readonly adapter: PlannedAdapter & { newest(frames: number): Newest<PlannedAdapter> };
  readonly frontend: PlannedFrontend;
  readonly convnet: Plan;
  readonly modulator: PlannedModulator;
  readonly recurrent: Plan;
}

/** The plan of each stage for the frames that it has to compute, and the number of newest input frames that it needs. */
interface RestrictedStages {
  readonly adapter: Newest<PlannedAdapter>;
  readonly frontend: Newest<PlannedFrontend>;
  readonly convnet: Newest<Plan>;
  readonly modulator: Newest<PlannedModulator>;
  readonly recurrent: Newest<Plan>;
}

function planStages(
  config: ModelConfig,
  input: ModelInput,
  stimulus: VideoShape,
  adapters: readonly PlacedStage[],
  root: Place,
): WholeStages {
  const { behaviors = 0, behaviorLags } = input;
  const typeAt = (stage: CoreStage) => below(below(root, stage), "type");
  const paramsAt = (stage: CoreStage) => below(below(root, stage), "params");
  const adapter = perFrame(
    planAdapters(adapters, ({ type, params, at }, sessions) => {
      const component = componentOf(STAGES.adapter, type, below(at, "type"));
      return component.plan(params, below(at, "params"), stimulus, sessions);
    }),
  );
  const ofFrontend = componentOf(STAGES.frontend, config.frontend.type, typeAt("frontend"));
  const frontend = ofFrontend.plan(
    frontendParams(config, ofFrontend.options),
    paramsAt("frontend"),
    adapter.output,
  );
  const convnet = componentOf(STAGES.convnet, config.convnet.type, typeAt("convnet")).plan(
    config.convnet.params,
    paramsAt("convnet"),
    frontend.output,
  );
  const modulator = componentOf(STAGES.modulator, config.modulator.type, typeAt("modulator")).plan(
    config.modulator.params,
    paramsAt("modulator"),
    convnet.output,
    behaviors,
    behaviorLags,
  );
  const recurrent = componentOf(STAGES.recurrent, config.recurrent.type, typeAt("recurrent")).plan(
    config.recurrent.params,
    paramsAt("recurrent"),
    modulator.output,
    LAST_STATE_ONLY,
  );
  return { adapter, frontend, convnet, modulator, recurrent };
}

/** Whether a recurrent stage returns all states; the readouts need only the last one. */
const LAST_STATE_ONLY = false;

/** Returns the options of a frontend. If it has an option `sampling_rate`, its default is the model's rate. */
export function frontendParams(
  { frontend, sampling_rate }: ModelConfig,
  options: z.ZodType,
): Record<string, unknown> {
  const { shape = {} } = options as { shape?: object };
  return "sampling_rate" in shape ? { sampling_rate, ...frontend.params } : frontend.params;
}

/** Restricts the stages, from the last one back to the first, to the frames that the next one needs. */
function forLastFrame(whole: WholeStages): RestrictedStages {
  const recurrent = newestOf(whole.recurrent, 1, whole.modulator.output.time);
  const modulator = newestOf(whole.modulator, recurrent.needs, whole.convnet.output.time);
  const convnet = newestOf(whole.convnet, modulator.needs, whole.frontend.output.time);
  const frontend = newestOf(whole.frontend, convnet.needs, whole.adapter.output.time);
  const adapter = whole.adapter.newest(frontend.needs);
  return { adapter, frontend, convnet, modulator, recurrent };
}

function applyStages(
  { adapter, frontend, convnet, modulator, recurrent }: RestrictedStages,
  stim: tf.Tensor5D,
  { behavior, dataset }: Pick<ModelBatch, "behavior" | "dataset">,
  weights: Weights,
  mode: Mode,
  { frozen, tap = UNCHANGED }: Pick<ApplyOptions, "frozen" | "tap">,
): Modulated {
  const own = (stage: CoreStage) =>
    [scoped(weights, WEIGHT_PREFIXES[stage]), frozen?.has(stage) ? EVALUATION : mode] as const;
  const seen = newestFrames(stim, adapter.needs);
  const adapted = tap("adapter", adapter.plan.apply(seen, dataset, ...own("adapter")));
  const frames = newestFrames(adapted, frontend.needs);
  const filtered = tap("frontend", frontend.plan.apply(frames, ...own("frontend")));
  const features = tap(
    "convnet",
    convnet.plan.apply(newestFrames(filtered, convnet.needs), ...own("convnet")),
  );
  const modulated = modulator.plan.apply(
    newestFrames(features, modulator.needs),
    behavior,
    ...own("modulator"),
  );
  const sequence = newestFrames(tap("modulator", modulated.features), recurrent.needs);
  const last = tap("recurrent", recurrent.plan.apply(sequence, ...own("recurrent")));
  return { ...modulated, features: last };
}

/** Leaves the outputs of stages as they are. */
const UNCHANGED: StageTap = (_, output) => output;
/** The mode of a frozen stage: no dropout, no update of running statistics. */
const EVALUATION: Mode = { training: false };
