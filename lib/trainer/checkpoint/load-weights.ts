import { ConfigError, type Problem } from "../../base/config";
import { fromJson } from "../../base/files/atomic";
import { tf } from "../../engine";
import type { TrainingModule } from "../../protocols/module";
import { variablesOf } from "../run";
import { notFinite } from "./checkpoint";
import { type NamedArray, readSafetensors } from "./safetensors";

/** The result of loading weights, by name. */
export interface WeightsReport {
  /** Weights of the module that were loaded. */
  readonly loaded: readonly string[];
  /** Weights of the module that the file does not have. */
  readonly missing: readonly string[];
  /** Arrays of the file that the module does not have, except for those of the optimizer in a checkpoint. */
  readonly leftOver: readonly string[];
  /** Weights that the file has in another shape. */
  readonly mismatched: readonly {
    readonly name: string;
    readonly inFile: readonly number[];
    readonly inModule: readonly number[];
  }[];
}

/** Options of the comparison between a file and a module. */
export interface LoadWeightsOptions {
  /** Whether a weight that is missing, left over, or of another shape is an error. Default true. */
  strict?: boolean;
}

/** Prefixes of arrays in a checkpoint that are not weights, but are needed to continue a training. */
const TRAINING_STATE = /^(optimizer|accumulated|current)\./;

/**
 * Loads a module's parameters and state by name, from a checkpoint of gradbook or any safetensors file of float32
 * arrays, such as Python's `safetensors` writes. Works in a process that has not trained: make the module as before,
 * then load its weights.
 *
 * @example
 * const module = makeModule();
 * loadWeights(module, "runs/demo/checkpoints/last.safetensors");
 * const { missing, leftOver } = loadWeights(module, "weights.safetensors", { strict: false });
 *
 * @param path the file, such as a checkpoint in `runs/NAME/checkpoints`
 * @returns the names of the loaded weights; with `strict: false` also of the weights that were not loaded and keep
 * their values
 * @throws ConfigError when the file is missing or damaged, a value of it is not finite, or (unless `strict` is false) a
 * weight is missing, left over, or of another shape, or the file's datasets are others than the module's; no weight has
 * changed then
 */
export function loadWeights(
  module: Pick<TrainingModule, "parameters" | "state" | "datasets">,
  path: string,
  { strict = true }: LoadWeightsOptions = {},
): WeightsReport {
  const { tensors, metadata } = readSafetensors(path);
  requireOrder(path, metadata.gradbook, module.datasets);
  const variables = variablesOf(module);
  const report = comparison(variables, tensors, metadata.gradbook !== undefined);
  const fitting = report.loaded.map((name) => ({
    variable: variables.get(name)!,
    array: tensors.get(name)!,
  }));
  const broken = report.loaded.flatMap((name) => notFinite(name, tensors.get(name)!.values));
  const problems = [...(strict ? problemsOf(report) : []), ...broken];
  if (problems.length > 0) throw new ConfigError(path, problems);
  tf.tidy(() => {
    for (const { variable, array } of fitting) variable.assign(tf.tensor(array.values, array.shape));
  });
  return report;
}

/**
 * Checks the order of the datasets: weights are numbered by dataset, so another order would assign them to the wrong
 * one.
 */
function requireOrder(path: string, state: string | undefined, now: readonly string[] | undefined): void {
  const { datasets } = fromJson<{ datasets?: unknown } | null>(state ?? "") ?? {};
  if (!Array.isArray(datasets) || !now || JSON.stringify(datasets) === JSON.stringify(now)) return;
  const message =
    `are ${datasets.join(", ")} in the file, but ${now.join(", ")} in the module, and weights are numbered by them; ` +
    "make the module with the same ones in the same order, or load single stages with `loadPretrained`";
  throw new ConfigError(path, [{ path: "datasets", message }]);
}

function comparison(
  variables: ReadonlyMap<string, tf.Variable>,
  tensors: ReadonlyMap<string, NamedArray>,
  checkpoint: boolean,
): WeightsReport {
  const names = [...variables.keys()];
  const there = names.filter((name) => tensors.has(name));
  const shapes = there.map((name) => ({
    name,
    inFile: tensors.get(name)!.shape,
    inModule: variables.get(name)!.shape,
  }));
  const fits = ({ inFile, inModule }: (typeof shapes)[number]) => String(inFile) === String(inModule);
  return {
    loaded: shapes.filter(fits).map(({ name }) => name),
    missing: names.filter((name) => !tensors.has(name)),
    leftOver: [...tensors.keys()].filter(
      (name) => !variables.has(name) && !(checkpoint && TRAINING_STATE.test(name)),
    ),
    mismatched: shapes.filter((shape) => !fits(shape)),
  };
}

function problemsOf({ missing, leftOver, mismatched }: WeightsReport): Problem[] {
  const fewer = "give `strict: false` to load the weights that fit";
  return [
    ...missing.map((name) => ({ path: name, message: `is missing in the file; ${fewer}` })),
    ...mismatched.map(({ name, inFile, inModule }) => ({
      path: name,
      message: `has shape [${inFile}] in the file, but [${inModule}] in the module; ${fewer}`,
    })),
    ...leftOver.map((name) => ({ path: name, message: `is in the file, but not in the module; ${fewer}` })),
  ];
}
