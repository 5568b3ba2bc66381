import { ConfigError, type Problem } from "../base/config";
import { tf } from "../engine";
import type { Model, StageName } from "../model";
import type { ModelWeight, WeightedPart } from "../model/weights";
import { WEIGHT_PREFIXES } from "../model/weights";
import { notFinite, readCheckpoint } from "../trainer/checkpoint/checkpoint";
import { convertTorch } from "./import-torch";
import { TORCH_FILE } from "./torch-checkpoint";

/** The options of `loadPretrained`. */
export interface PretrainedOptions {
  /**
   * The stages whose weights are loaded. Default: adapter, frontend and convnet, if the model has them; without the adapter if the
   * checkpoint does not name its sessions.
   */
  readonly stages?: readonly StageName[];
  /** The stages that are not trained afterwards. Default: none. */
  readonly freeze?: readonly StageName[];
  /**
   * The names of the model's sessions, in its order. They are needed for stages with separate weights for each session
   * (`adapter`, `readout`), which are loaded from the session of the same name.
   */
  readonly sessions?: readonly string[];
}

/**
 * The result of loading weights from a checkpoint, by name. Names in `leftOver` use the checkpoint's numbers of
 * sessions.
 */
export interface PretrainedReport {
  readonly loaded: readonly string[];
  /** Weights of the stages that the checkpoint lacks, or has for sessions without names; they keep their values. */
  readonly missing: readonly string[];
  /** Weights of the stages in the checkpoint that have no place in the model. */
  readonly leftOver: readonly string[];
}

/** The stages of a model that process the stimulus of one session alone. */
export const VISION: readonly StageName[] = ["adapter", "frontend", "convnet"];

/**
 * Loads the weights of some stages by name, to reuse a trained core for new sessions. The checkpoint may be of the same
 * sessions or of others. Call it before the model goes into a module.
 *
 * @example
 * const model = buildModel(config, input, 0);
 * const report = loadPretrained(model, "old/checkpoints/best.safetensors", {
 *   stages: ["frontend", "convnet", "recurrent"],
 *   freeze: ["frontend", "convnet", "recurrent"],
 * });
 *
 * @throws ConfigError when the file is damaged, has a weight in another shape or one that is not finite, or when
 * weights of each
 *   session are to be loaded and their sessions are unknown; the model is unchanged then
 */
export function loadPretrained(
  model: Model,
  path: string,
  { stages: asked, freeze = [], sessions }: PretrainedOptions = {},
): PretrainedReport {
  const stages = asked ?? VISION;
  const { tensors: found, state } = TORCH_FILE.test(path) ? imported(path, model) : readCheckpoint(path);
  const ofStages = (name: string) => stages.some((stage) => name.startsWith(`${WEIGHT_PREFIXES[stage]}.`));
  const wanted = model.plan.weights
    .filter(({ part }) => (stages as readonly WeightedPart[]).includes(part))
    .map((weight) => ({ ...weight, variable: model.variable(weight.name) }));
  const old = state.datasets ?? (asked ? undefined : []);
  const theirs = namesIn(path, old, wanted, sessions);
  const present = wanted.filter(({ name }) => found.has(theirs.get(name)!));
  const problems = present.flatMap(({ name, variable }): Problem[] => {
    const at = theirs.get(name)!;
    const array = found.get(at)!;
    if (String(array.shape) === String(variable.shape)) return notFinite(at, array.values);
    const message = `has shape [${array.shape}] in the checkpoint, but [${variable.shape}] in the model`;
    return [{ path: at, message }];
  });
  if (problems.length > 0) throw new ConfigError(path, problems);
  tf.tidy(() => {
    for (const { name, variable } of present) {
      const { values, shape } = found.get(theirs.get(name)!)!;
      variable.assign(tf.tensor(values, shape));
    }
  });
  model.freeze(freeze);
  const known = new Set(theirs.values());
  return {
    loaded: present.map(({ name }) => name),
    missing: wanted.filter((weight) => !present.includes(weight)).map(({ name }) => name),
    leftOver: [...found.keys()].filter((name) => ofStages(name) && !known.has(name)),
  };
}

/** Reads a Lightning checkpoint in the layout and the lag order of a model. */
function imported(
  path: string,
  { config, input }: Model,
): Pick<ReturnType<typeof readCheckpoint>, "tensors" | "state"> {
  const { lags, height, width } = input;
  return convertTorch({ weights: path, config, input: { lags, height, width } });
}

/**
 * Returns the checkpoint's name of each weight: the same name, except that sessions may have other numbers or be
 * missing.
 *
 * @param old the names of the checkpoint's sessions; undefined when it does not name them
 */
function namesIn(
  path: string,
  old: readonly string[] | undefined,
  wanted: readonly ModelWeight[],
  sessions: readonly string[] | undefined,
): Map<string, string> {
  const own = wanted.find(({ session }) => session !== undefined);
  if (own && !(old && sessions)) {
    const message = old
      ? "belongs to a session: give `sessions`, the names of the model's sessions in its order, or leave its stage out of `stages`"
      : "belongs to a session, and the checkpoint does not name its sessions: leave its stage out of `stages`, or import the checkpoint with their names (`gradbook import-torch --sessions`)";
    throw new ConfigError(path, [{ path: own.name, message }]);
  }
  const named = wanted.flatMap(({ name, session, nameIn }): [string, string][] => {
    if (session === undefined) return [[name, name]];
    const there = old!.indexOf(sessions![session]!);
    return there < 0 ? [] : [[name, nameIn!(there)]];
  });
  return new Map(named);
}
