import { createVariables } from "../nn/parameter";
import type { ModelConfig } from "./config";
import { Model } from "./model";
import { planModel } from "./plan";
import type { ModelInput } from "./planned";
import { renumbered } from "./weights";

/**
 * Builds a model with initial weights drawn from the seed. A seed gives the same weights on every machine.
 *
 * @param where the file of the configuration, for errors
 * @param numbers the number of each session in the names and the `dataset` of parameters, for a model of some of the sessions; the initial
 * weights are then those of a model of all sessions. Default: 0, 1, ...
 * @throws ConfigError for invalid shapes, before any tensor is created
 */
export function buildModel(
  config: ModelConfig,
  input: ModelInput,
  seed: number,
  where = "model configuration",
  numbers?: readonly number[],
): Model {
  const plan = planModel(config, input, where);
  const specs = plan.weights.map((weight) => {
    const { seedName = weight.name } = numbers ? renumbered(weight, numbers) : weight;
    return { ...weight, seedName };
  });
  return new Model(config, input, plan, createVariables(specs, seed), where, numbers);
}
