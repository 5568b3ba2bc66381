import { createVariables } from "../nn";
import type { ModelConfig } from "./config";
import { Model } from "./model";
import { planModel } from "./plan";
import type { ModelInput } from "./planned";

/**
 * Builds a model with initial weights drawn from the seed. A seed gives the same weights on every machine.
 *
 * @param where the file of the configuration, for errors
 * @throws ConfigError for invalid shapes, before any tensor is created
 */
export function buildModel(
  config: ModelConfig,
  input: ModelInput,
  seed: number,
  where = "model configuration",
): Model {
  const plan = planModel(config, input, where);
  return new Model(config, input, plan, createVariables(plan.weights, seed), where);
}
