import { ConfigError } from "../base/config";
import { type ModelInput, planModel, readModelConfig } from "../model";
import { type NamedArray, readSafetensors, writeSafetensors } from "../trainer/checkpoint/safetensors";
import type { CheckpointState } from "../trainer/checkpoint/state";
import { NOTHING_GOES_ON } from "../trainer/checkpoint/state";
import { lagsReversed, ourLayout, ourName } from "./torch-weights";

/** The options of `importTorch`. */
export interface ImportTorchOptions {
  /** The file that `kernel/torch_weights.py` wrote from a checkpoint. */
  weights: string;
  /** The model's YAML file. */
  config: string;
  /** The checkpoint to write. */
  out: string;
  /**
   * The size of the input, needed when weights depend on it (one for each pixel, or flattened frames). Default: 64 lags
   * of 64 × 64 pixels.
   */
  input?: Partial<Pick<ModelInput, "lags" | "height" | "width">>;
  /**
   * The names of the checkpoint's sessions, in its order. Without them, adapters and readouts cannot be matched by
   * name.
   */
  sessions?: readonly string[];
}

/** The result of an import, by gradbook's names. */
export interface ImportTorchReport {
  readonly loaded: readonly string[];
  /** Weights of the model that the checkpoint lacks. A model that loads the file keeps its own values for them. */
  readonly missing: readonly string[];
  /** Weights of the checkpoint that have no place in the model, by PyTorch's names, with the reason. */
  readonly leftOver: readonly { readonly name: string; readonly reason: string }[];
}

/** A checkpoint's weights by gradbook's names, each with its PyTorch name. */
type Found = Map<string, { torch: string; array: NamedArray }>;

/**
 * Converts a PyTorch model's weights into a gradbook checkpoint: names, layout, and the order of time.
 *
 * @throws ConfigError when the files cannot be read, or the number of sessions with a readout in the checkpoint is 0 or
 * not the number of given names
 */
export function importTorch({
  weights,
  config: file,
  out,
  input = {},
  sessions,
}: ImportTorchOptions): ImportTorchReport {
  const { tensors, metadata } = readSafetensors(weights);
  const found: Found = new Map();
  for (const [torch, array] of tensors) {
    const name = ourName(torch);
    if (name) found.set(name, { torch, array });
  }
  const config = readModelConfig(file);
  const behaviors = Number(config.modulator.params.behavior_dim ?? 0);
  const units = unitsOf(found, weights);
  if (sessions && sessions.length !== units.length) {
    const message = `are ${sessions.length} (${sessions.join(", ")}), but the checkpoint has readouts of ${units.length}; name all in its order`;
    throw new ConfigError(weights, [{ path: "sessions", message }]);
  }
  const plan = planModel(config, { lags: 64, height: 64, width: 64, units, behaviors, ...input }, file);
  const { converted, leftOver } = convert(found, plan);
  const state: CheckpointState = {
    format: 1,
    epoch: Number(metadata.epoch ?? 0),
    step: Number(metadata.global_step ?? 0),
    seed: 0,
    ...NOTHING_GOES_ON,
    metrics: {},
    ...(sessions ? { datasets: sessions } : {}),
    config: { model: config },
  };
  writeSafetensors(out, { tensors: converted, metadata: { gradbook: JSON.stringify(state) } });
  return {
    loaded: [...converted.keys()],
    missing: plan.weights.map(({ name }) => name).filter((name) => !converted.has(name)),
    leftOver,
  };
}

/** Returns the weights in the model's layout, and those that have no place in the model. */
function convert(found: Found, { weights, historyLags }: ReturnType<typeof planModel>) {
  const specs = new Map(weights.map((spec) => [spec.name, spec]));
  const converted = new Map<string, NamedArray>();
  const leftOver: { name: string; reason: string }[] = [];
  for (const [name, { torch, array }] of found) {
    const shape = specs.get(name)?.shape;
    const values = shape && ourLayout(name, array, shape);
    if (!shape) leftOver.push({ name: torch, reason: "the model has no such weight" });
    else if (!values) {
      const reason = `its shape [${array.shape}] does not fit the model's [${shape}]`;
      leftOver.push({ name: torch, reason });
    } else {
      const first = /^spike_history\.\d+\.layers\.0\.weight$/.test(name);
      converted.set(name, {
        shape: [...shape],
        values: first ? lagsReversed(values, historyLags) : values,
      });
    }
  }
  return { converted, leftOver };
}

/** Returns the number of units of each session, from the biases or positions of the readouts. */
function unitsOf(found: Found, file: string): number[] {
  const units: number[] = [];
  for (let session = 0; ; session++) {
    const first = ["bias", "fc.bias", "mean", "fc.weight", "features.weight"]
      .map((leaf) => found.get(`readouts.${session}.${leaf}`)?.array.shape[0])
      .find((n) => n !== undefined);
    if (first === undefined) break;
    units.push(first);
  }
  if (units.length > 0) return units;
  const names = [...found.keys()].slice(0, 5).join(", ");
  throw new ConfigError(file, [
    { path: "", message: `holds no readout: there is no \`readouts.0.*\` among its weights (${names}, ...)` },
  ]);
}
