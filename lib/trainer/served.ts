import { ConfigError } from "../config";
import type { BatchSource, TrainingModule } from "./module";

/** What a module lacks to be trained, validated or asked. */
export const noBatches = (what: string) =>
  new ConfigError("Trainer", [{ path: "", message: `the module has no \`${what}\`; add it` }]);

/** A module with the batches that were given for it. @throws ConfigError when there are none */
export function served(module: TrainingModule, source?: BatchSource): TrainingModule & BatchSource {
  if (source) {
    const given = {
      trainBatches: source.trainBatches.bind(source),
      trainBatchCount: source.trainBatchCount?.bind(source),
      validationBatches: source.validationBatches?.bind(source),
      validationBatchCount: source.validationBatchCount?.bind(source),
    };
    return Object.assign(Object.create(module) as TrainingModule, given);
  }
  if (!module.trainBatches) throw noBatches("trainBatches");
  return module as TrainingModule & BatchSource;
}
