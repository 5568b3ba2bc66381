import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ConfigError } from "../../base/config";
import { makeFolder } from "../../base/files/folder";
import { tf } from "../../engine";
import { type NamedArray, writeSafetensors } from "../../trainer/checkpoint/safetensors";
import type { Twin } from "../../twin";
import { unitIds } from "../unit-ids";
import { type DescribedModel, describeModel } from "./describe";
import { linked } from "./source";
import { twinClass } from "./twin-class";

/** The files of a package for PyTorch. */
export interface TorchPackage {
  /** The text of `model.py`. */
  readonly code: string;
  /** The parameters and buffers by their names in the model's `state_dict`. */
  readonly state: ReadonlyMap<string, NamedArray>;
}

/**
 * Makes a package that computes a twin's rates with PyTorch alone, in evaluation mode. Windows, norms of weights and separable kernels are
 * multiplied out.
 *
 * @throws ConfigError for components of a user's modules, and for an ablated twin
 */
export function torchPackage(twin: Twin): TorchPackage {
  const { model, path, sessions, view } = twin;
  if (twin.tap) {
    const message =
      "has stages that were changed (ablated), which a package for PyTorch cannot hold; export its graph with exportOnnx or exportSavedModel";
    throw new ConfigError(path, [{ path: "", message }]);
  }
  let described: DescribedModel | undefined;
  tf.tidy(() => {
    described = describeModel(model, path);
  });
  const made = described!;
  const { input, plan, config } = model;
  const counts = sessions.map(({ name, cids }) => `    ${JSON.stringify(name)}: ${cids.length},\n`);
  const text = twinClass(made, {
    input,
    view,
    seesStimulus: plan.seesStimulus,
    historyLags: plan.historyLags,
    readsBehavior: config.modulator.type !== "none",
    newestFirst: config.lag_order === "newest_first",
  });
  const header = { docstring: DOCSTRING, constants: `SESSIONS = {\n${counts.join("")}}` };
  return { code: linked(header, text), state: stateOf(made) };
}

const DOCSTRING = `A digital twin of visual cortex, exported by gradbook. It needs only PyTorch.

The weights are in model.safetensors, the ids of each session's units in sessions.json. With this folder at
./twin:

    from twin.model import load

    model = load()

Videos are [batch, channels, time, height, width].`;

function stateOf({ core, activation, baselines, ...lists }: DescribedModel): Map<string, NamedArray> {
  const ofSessions = Object.entries(lists).flatMap(([name, modules]) =>
    (modules ?? []).map((module, session) => [`${name}.${session}`, module] as const),
  );
  const all = [
    ...Object.entries(core),
    ...ofSessions,
    ...(baselines ? [["baselines", baselines] as const] : []),
  ];
  return new Map(
    all.flatMap(([part, { state }]) =>
      [...state].map(([name, array]) => [`${part}.${name}`, array] as const),
    ),
  );
}

/**
 * Writes a twin as a package for PyTorch: `model.py`, `model.safetensors` and `sessions.json`.
 *
 * @param folder is created if it does not exist
 * @returns the paths of the files
 * @throws ConfigError for components of a user's modules, for an ablated twin, and for a folder that cannot be written
 */
export function exportTorch(twin: Twin, folder: string): string[] {
  const { code, state } = torchPackage(twin);
  makeFolder(folder);
  const [python, weights, sessions] = ["model.py", "model.safetensors", "sessions.json"].map((file) =>
    join(folder, file),
  ) as [string, string, string];
  writeFileSync(python, code);
  writeSafetensors(weights, { tensors: new Map(state), metadata: { format: "pt" } });
  writeFileSync(sessions, `${unitIds(twin)}\n`);
  return [python, weights, sessions];
}
