import { cpSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { ConfigError, modulesNamedIn } from "../base/config";
import { makeFolder } from "../base/files/folder";
import { pageFolder } from "../base/files/page-folder";
import { factsOf, type TwinFacts } from "../insilico/twin-facts";
import type { ModelConfig, ModelInput } from "../model";
import { arraysOf } from "../trainer/checkpoint/checkpoint";
import { writeSafetensors } from "../trainer/checkpoint/safetensors";
import { variablesOf } from "../trainer/run";
import type { Twin } from "../twin/twin";

/** A twin as its page reads it from `twin.json`; the weights are in `weights.safetensors`. */
export interface WebTwin extends TwinFacts {
  readonly model: ModelConfig;
  readonly input: ModelInput;
}

/**
 * Writes a twin as a folder of static files: a page on which the twin responds to stimuli, computed in the browser. Any file server can
 * serve the folder; nothing is loaded from elsewhere.
 *
 * @returns the paths of what was written
 * @throws ConfigError for an ablated twin, for one that sees several channels or no stimulus, or whose model has stages of a user's module, and
 * when the folder cannot be written
 */
export async function exportWeb(twin: Twin, folder: string): Promise<string[]> {
  const { model } = twin;
  requireExportable(twin);
  const about: WebTwin = { ...(await factsOf(twin)), model: model.config, input: model.input };
  const page = pageFolder();
  makeFolder(folder);
  cpSync(page, folder, { recursive: true, filter: (file) => basename(file) !== "widget.js" });
  writeFileSync(join(folder, "twin.json"), JSON.stringify(about));
  const tensors = arraysOf(variablesOf(model));
  writeSafetensors(join(folder, "weights.safetensors"), { tensors, metadata: {} });
  return [folder];
}

function requireExportable({ model, path, tap }: Twin): void {
  const fail = (message: string) => new ConfigError(path, [{ path: "model", message }]);
  if (tap)
    throw fail(
      "has stages that were changed (ablated), which a page cannot hold; export its graph with exportOnnx or exportSavedModel",
    );
  if (!model.plan.seesStimulus)
    throw fail("reads behaviour but no stimulus, so a page has nothing to show it");
  const [module] = modulesNamedIn([model.config, model.input.sessionStages], path);
  if (module)
    throw fail(
      `has a component of ${module}, which the page would have to run; --to web takes gradbook's own components only`,
    );
}
