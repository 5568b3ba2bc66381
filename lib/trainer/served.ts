import { ConfigError } from "../base/config";
import type { BatchSource, TrainingModule } from "../protocols/module";

/** An error about what a module lacks to be trained, validated, tested or asked for predictions. */
export const noBatches = (what: string) =>
  new ConfigError("Trainer", [{ path: "", message: `the module has no \`${what}\`; add it` }]);

/**
 * The source of a module's batches: the one that was given, or else the module. Neither is wrapped: methods run on the object
 * that has them, so private fields work, and callbacks see the user's own module.
 *
 * @throws ConfigError when neither serves batches
 */
export function sourceOf(module: TrainingModule, source?: BatchSource): BatchSource {
  const found = source ?? module;
  if (!found.trainBatches) throw noBatches("trainBatches");
  return found as BatchSource;
}
