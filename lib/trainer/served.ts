import { ConfigError } from "../base/config";
import type { BatchSource, TrainingModule } from "../protocols/module";

/** Makes an error about the batches that a module lacks for training, validation, test or prediction. */
export const noBatches = (what: string) =>
  new ConfigError("Trainer", [{ path: "", message: `the module has no \`${what}\`; add it` }]);

/**
 * Returns the source of a module's batches: the given source, or else the module. Neither is wrapped: methods run on
 * the object that has them, so that private fields work and callbacks see the user's own module.
 *
 * @throws ConfigError when neither serves batches
 */
export function sourceOf(module: TrainingModule, source?: BatchSource): BatchSource {
  const found = source ?? module;
  if (!found.trainBatches) throw noBatches("trainBatches");
  return found as BatchSource;
}
