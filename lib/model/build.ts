import { createVariables } from "../nn";
import type { ModelConfig } from "./config";
import { Model } from "./model";
import { planModel } from "./plan";
import type { ModelInput } from "./planned";

/**
 * Makes a model with first weights drawn from the seed: the same seed, the same weights, on every machine.
 *
 * @param where named in errors; the file that the configuration was read from
 * @throws ConfigError for shapes that cannot be, before any tensor exists
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
