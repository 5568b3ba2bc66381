import { ConfigError, type Problem } from "../config";
import { tf } from "../engine";
import type { Model, StageName } from "../model";
import { notFinite, readWeights } from "../trainer/checkpoint";

/** What is taken of a trained model. */
export interface PretrainedOptions {
  /** Stages whose weights are taken. Default: adapter, frontend and convnet, where the model has them. */
  readonly stages?: readonly StageName[];
  /** Stages that are not trained from then on. Default: none. */
  readonly freeze?: readonly StageName[];
}

/** What came of taking weights from a checkpoint, by names. */
export interface PretrainedReport {
  readonly loaded: readonly string[];
  /** Weights of the stages that the checkpoint does not have: they stay as they are. */
  readonly missing: readonly string[];
  /** Weights of the stages in the checkpoint that the model has no place for. */
  readonly leftOver: readonly string[];
}

const VISION: readonly StageName[] = ["adapter", "frontend", "convnet"];

/** What weights of a stage are named below. */
const prefixOf = (stage: StageName) =>
  stage === "adapter" ? "adapters." : stage === "readout" ? "readouts." : `${stage}.`;

/**
 * Takes a trained core for new sessions: weights of some stages by name, from a checkpoint of other sessions. Call it
 * before the model goes into a module.
 *
 * @example
 * const model = buildModel(config, input, 0);
 * const report = loadPretrained(model, "old/checkpoints/best.safetensors", {
 *   stages: ["frontend", "convnet", "recurrent"],
 *   freeze: ["frontend", "convnet", "recurrent"],
 * });
 *
 * @throws ConfigError when the file is damaged, has a weight in another shape, or one that is not finite; nothing has
 *   changed then
 */
export function loadPretrained(
  model: Model,
  path: string,
  { stages = VISION, freeze = [] }: PretrainedOptions = {},
): PretrainedReport {
  const found = readWeights(path);
  const ofStages = (name: string) => stages.some((stage) => name.startsWith(prefixOf(stage)));
  const wanted = [...model.parameters, ...model.state].filter(({ name }) => ofStages(name));
  const present = wanted.filter(({ name }) => found.has(name));
  const problems = present.flatMap(({ name, variable }): Problem[] => {
    const array = found.get(name)!;
    if (String(array.shape) === String(variable.shape)) return notFinite(name, array.values);
    const message = `has shape [${array.shape}] in the checkpoint, but [${variable.shape}] in the model`;
    return [{ path: name, message }];
  });
  if (problems.length > 0) throw new ConfigError(path, problems);
  tf.tidy(() => {
    for (const { name, variable } of present) {
      const { values, shape } = found.get(name)!;
      variable.assign(tf.tensor(values, shape));
    }
  });
  model.freeze(freeze);
  const known = new Set(wanted.map(({ name }) => name));
  return {
    loaded: present.map(({ name }) => name),
    missing: wanted.filter(({ name }) => !found.has(name)).map(({ name }) => name),
    leftOver: [...found.keys()].filter((name) => ofStages(name) && !known.has(name)),
  };
}
