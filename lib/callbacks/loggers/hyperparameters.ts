import { existsSync } from "node:fs";
import { join } from "node:path";
import { readYaml } from "../../base/config";
import { settingsOf } from "../../base/jupyter/table";

/** A setting of a run under its path, such as `trainer.optimizer.lr`. */
export type Hyperparameter = readonly [name: string, value: number | string | boolean];

/**
 * Reads the settings of a run from its `config.yaml`: the trainer's options, and the module's `config`. Lists are JSON text.
 *
 * @param folder the run's; empty when it has no `config.yaml`
 */
export function hyperparametersOf(folder: string): Hyperparameter[] {
  const file = join(folder, "config.yaml");
  if (!existsSync(file)) return [];
  return settingsOf(readYaml(file)).map(([name, json]) => [name, plain(json)]);
}

function plain(json: string): Hyperparameter[1] {
  if (!/^(true|false|-?\d.*|".*")$/s.test(json)) return json;
  return JSON.parse(json) as Hyperparameter[1];
}
