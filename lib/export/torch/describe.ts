import type { Model, StageOptions } from "../../model";
import { STAGES } from "../../model/config";
import { frontendParams } from "../../model/core";
import type { UnitFacts } from "../../model/stages";
import { WEIGHT_PREFIXES, type WeightedPart } from "../../model/weights";
import { type Component, scoped, type VideoShape, type Weights } from "../../nn";
import { componentOf } from "../../nn/component";
import { chosen } from "./activations";
import { ADAPTERS } from "./adapters";
import { CONVNETS } from "./convnets";
import { FRONTENDS } from "./frontends";
import { baselineRates, HISTORIES, OUTPUTS, SHIFTERS } from "./heads";
import { MODULATORS } from "./modulators";
import { identity, type TorchModule, torchModule } from "./module";
import { READOUTS } from "./readouts";
import { RECURRENTS } from "./recurrents";
import type { Stage } from "./stage";

/** The modules of a twin. Those of sessions are in the sessions' order; a part that the model does not have is undefined. */
export interface DescribedModel {
  readonly adapters: readonly TorchModule[] | undefined;
  /** The stages between adapters and readouts that are not the identity, by their names, in order. */
  readonly core: Readonly<Record<string, TorchModule>>;
  readonly shifters: readonly TorchModule[] | undefined;
  readonly readouts: readonly TorchModule[];
  readonly histories: readonly TorchModule[] | undefined;
  readonly activation: TorchModule;
  readonly baselines: TorchModule | undefined;
}

/**
 * Describes a model as modules of PyTorch.
 *
 * @param where the model's file, for errors
 * @throws ConfigError for components of a user's modules
 */
export function describeModel(model: Model, where: string): DescribedModel {
  const { config, input } = model;
  const { units } = input;
  const of = (part: WeightedPart): Weights => scoped((name) => model.variable(name), WEIGHT_PREFIXES[part]);
  const head = (key: "shifter" | "history_encoder", table: typeof SHIFTERS) => {
    const part = config[key];
    if (!part) return undefined;
    const at = { where, path: `${key}.params` };
    return chosen(table, part.type, { where, path: `${key}.type` })({
      params: part.params,
      at,
      units,
      get: of(key),
    });
  };
  const { core, output } = describeCore(model, where, of);
  const rates = baselineRates(config, units, of("baseline"));
  return {
    adapters: describeAdapters(model, where, of("adapter")),
    core,
    shifters: head("shifter", SHIFTERS),
    readouts: describeReadouts(model, where, output, of("readout")),
    histories: head("history_encoder", HISTORIES),
    activation: OUTPUTS[config.output_activation],
    baselines: rates && parameterList(rates),
  };
}

/** Describes parameters that are vectors, in a list. */
function parameterList(vectors: NonNullable<ReturnType<typeof baselineRates>>): TorchModule {
  const { state } = torchModule("", [], { tensors: Object.fromEntries(vectors.entries()) });
  const zeros = vectors.map(({ shape }) => torchModule("torch.zeros", [shape[0]!]).code);
  return { code: { callee: "nn.ParameterList", args: [zeros], kwargs: {} }, state };
}

function describeAdapters({ config, input, plan }: Model, where: string, get: Weights) {
  const { lags: time, height, width, units } = input;
  const shape = { time, height, width, channels: plan.adapter.output.channels };
  const own = units.map((_, session) => {
    const { type, params } = input.sessionStages?.[session]?.adapter ?? config.adapter;
    const at = { where, path: "adapter.params" };
    const describe = chosen(ADAPTERS, type, { where, path: "adapter.type" });
    return describe({ params, at, input: shape, get: scoped(get, String(session)), behaviorLags: 1 });
  });
  return own.some((adapter) => adapter) ? own.map((adapter) => adapter ?? identity) : undefined;
}

/** The stages of the core in their order, with their descriptions by type. */
const CORE = {
  frontend: FRONTENDS,
  convnet: CONVNETS,
  modulator: MODULATORS,
  recurrent: RECURRENTS,
} as const;

/** A component of the core. Its plan takes other arguments after the shape of its input. */
type CoreComponent = Component<[input: VideoShape, ...others: unknown[]], { readonly output: VideoShape }>;

/** Whether a recurrent stage returns all states. */
const ALL_STATES = true;

function describeCore(
  { config, input, plan }: Model,
  where: string,
  of: (part: WeightedPart) => Weights,
): { core: Record<string, TorchModule>; output: VideoShape } {
  const { behaviors = 0, behaviorLags = 1 } = input;
  const others = { frontend: [], convnet: [], modulator: [behaviors, behaviorLags], recurrent: [ALL_STATES] };
  const core: Record<string, TorchModule> = {};
  let shape: VideoShape = { ...plan.adapter.output, time: plan.seesStimulus ? input.lags : 1 };
  for (const [stage, descriptions] of Object.entries(CORE) as [
    keyof typeof CORE,
    Readonly<Record<string, Stage>>,
  ][]) {
    const { type } = config[stage];
    const typeAt = { where, path: `${stage}.type` };
    const at = { where, path: `${stage}.params` };
    const describe = chosen(descriptions, type, typeAt);
    const component = componentOf(STAGES[stage] as unknown as Record<string, CoreComponent>, type, typeAt);
    const params = stage === "frontend" ? frontendParams(config, component.options) : config[stage].params;
    const described = describe({ params, at, input: shape, get: of(stage), behaviorLags });
    if (described) core[stage] = described;
    shape = component.plan(params, at, shape, ...others[stage]).output;
  }
  return { core, output: shape };
}

/** Describes the readouts of sessions; sessions whose stages differ have separate weights. */
function describeReadouts({ config, input }: Model, where: string, core: VideoShape, get: Weights) {
  const { units, sessionStages = [], unitCoordinates, unitGroups } = input;
  const facts = (from: number, to: number): UnitFacts => ({
    ...(unitCoordinates ? { coordinates: unitCoordinates.slice(from, to) } : {}),
    ...(unitGroups ? { groups: unitGroups.slice(from, to) } : {}),
  });
  const stages = units.map((_, session) => sessionStages[session]?.readout ?? config.readout);
  const describe = ({ type, params }: StageOptions, from: number, to: number, get: Weights) => {
    const at = { where, path: "readout.params" };
    const isShifted = config.shifter.type !== "none";
    const given = { params, at, core, units: units.slice(from, to), facts: facts(from, to), get, isShifted };
    return chosen(READOUTS, type, { where, path: "readout.type" })(given);
  };
  if (new Set(stages.map((stage) => JSON.stringify(stage))).size === 1)
    return describe(stages[0]!, 0, units.length, get);
  return stages.flatMap((stage, session) =>
    describe(stage, session, session + 1, (name) => get(name.replace(/^0/, String(session)))),
  );
}
