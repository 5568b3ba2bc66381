import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { ConfigError, readYaml } from "../base/config";
import { asMapping } from "../base/config/mappings";
import { plain } from "../base/torch/plain";
import { readTorch } from "../base/torch/read-torch";
import { TorchTensor } from "../base/torch/tensor";
import { type NamedArray, readSafetensors } from "../trainer/checkpoint/safetensors";

/** AdamW's state of one parameter. */
export interface TorchMoments {
  readonly step: number;
  readonly exp_avg: NamedArray;
  readonly exp_avg_sq: NamedArray;
}

/** The state of an AdamW optimizer. Parameters are numbered through all groups. */
export interface TorchOptimizer {
  readonly groups: readonly { readonly weightDecay: number; readonly count: number }[];
  readonly moments: ReadonlyMap<number, TorchMoments>;
}

/** The content of a PyTorch checkpoint that an import uses. */
export interface TorchCheckpoint {
  /** The weights by PyTorch's names, in the order of the file. */
  readonly tensors: ReadonlyMap<string, NamedArray>;
  readonly epoch: number;
  readonly step: number;
  /** The model's configuration, as its YAML file had it. */
  readonly model?: unknown;
  /** The path of the sessions' YAML file that the training was given, and how many of its sessions it took. */
  readonly sessionsFile?: string;
  readonly maxSessions?: number;
  readonly optimizer?: TorchOptimizer;
}

/** The names of files that `torch.save` wrote. */
export const TORCH_FILE = /\.(ckpt|pt|pth)$/;

type Dict = ReadonlyMap<unknown, unknown>;
const isDict = (value: unknown): value is Dict => value instanceof Map;

/**
 * Reads a checkpoint of PyTorch Lightning, a file of `torch.save` with a `state_dict` or with tensors by name, or a safetensors file.
 *
 * @throws ConfigError when the file cannot be read, or holds no weights
 */
export function readTorchCheckpoint(path: string): TorchCheckpoint {
  if (!TORCH_FILE.test(path)) {
    const { tensors, metadata } = readSafetensors(path);
    return { tensors, epoch: Number(metadata.epoch ?? 0), step: Number(metadata.global_step ?? 0) };
  }
  const value = readTorch(path);
  const file: Dict = isDict(value) ? value : new Map();
  const state = file.get("state_dict");
  const tensors = tensorsOf(isDict(state) ? state : file);
  if (tensors.size === 0) {
    const message = "holds no weights: neither a state_dict nor tensors by name";
    throw new ConfigError(path, [{ path: "", message }]);
  }
  const options = file.get("hyper_parameters");
  const optimizer = optimizerOf(file.get("optimizer_states"));
  return {
    tensors,
    epoch: nextEpoch(file),
    step: numberOr(file.get("global_step"), 0),
    ...(isDict(options) ? optionsOf(path, options) : {}),
    ...(optimizer ? { optimizer } : {}),
  };
}

/**
 * Returns the epoch with which a training resumes: Lightning saves its best checkpoints at the end of an epoch, before
 * it counts it.
 */
function nextEpoch(file: Dict): number {
  const epoch = numberOr(file.get("epoch"), 0);
  const at = (...keys: readonly string[]) =>
    keys.reduce<unknown>((value, key) => (isDict(value) ? value.get(key) : undefined), file.get("loops"));
  const [ready, completed] = ["ready", "completed"].map((key) =>
    at("fit_loop", "epoch_progress", "current", key),
  );
  const isEnd = at("fit_loop", "epoch_loop.batch_progress", "is_last_batch") === true;
  return isEnd && numberOr(ready, 0) > numberOr(completed, 0) ? epoch + 1 : epoch;
}

const numberOr = <T>(value: unknown, otherwise: T) => (typeof value === "number" ? value : otherwise);

function tensorsOf(dict: Dict): Map<string, NamedArray> {
  const tensors = [...dict].filter((pair): pair is [string, TorchTensor] => pair[1] instanceof TorchTensor);
  return new Map(tensors.map(([name, tensor]) => [name, arrayOf(tensor)]));
}

const floats = (values: ReturnType<TorchTensor["read"]>) =>
  values instanceof Float32Array ? values : Float32Array.from(values);

/** Returns a tensor whose values are read when they are first used: a reader may need the names, or the configuration, alone. */
const arrayOf = (tensor: TorchTensor): NamedArray => {
  let values: Float32Array | undefined;
  return {
    shape: [...tensor.shape],
    get values() {
      values ??= floats(tensor.read());
      return values;
    },
  };
};

/** Reads the options of the training's module. */
function optionsOf(
  path: string,
  options: Dict,
): Pick<TorchCheckpoint, "model" | "sessionsFile" | "maxSessions"> {
  const [model, file, most] = ["model_config_dict", "cfg_dir", "max_ds"].map((name) => options.get(name));
  try {
    return {
      ...(isDict(model) ? { model: plain(model) } : {}),
      ...(typeof file === "string" ? { sessionsFile: file } : {}),
      ...(typeof most === "number" ? { maxSessions: most } : {}),
    };
  } catch (cause) {
    const message = (cause as Error).message;
    throw new ConfigError(path, [{ path: "hyper_parameters.model_config_dict", message }], { cause });
  }
}

/** Reads the first optimizer's state; undefined when it is not that of Adam. */
function optimizerOf(states: unknown): TorchOptimizer | undefined {
  const [first] = Array.isArray(states) ? (states as unknown[]) : [];
  if (!isDict(first)) return undefined;
  const [state, groups] = [first.get("state"), first.get("param_groups")];
  if (!isDict(state) || !Array.isArray(groups) || !groups.every(isDict)) return undefined;
  const moments = [...state].flatMap(([number, of]): [number, TorchMoments][] => {
    const [step, mean, square] = ["step", "exp_avg", "exp_avg_sq"].map((key) => isDict(of) && of.get(key));
    if (!(mean instanceof TorchTensor) || !(square instanceof TorchTensor)) return [];
    const taken = step instanceof TorchTensor ? step.read()[0]! : Number(step);
    return [[Number(number), { step: taken, exp_avg: arrayOf(mean), exp_avg_sq: arrayOf(square) }]];
  });
  return {
    groups: groups.map((group) => {
      const members = group.get("params");
      const count = Array.isArray(members) ? members.length : 0;
      return { weightDecay: numberOr(group.get("weight_decay"), 0), count };
    }),
    moments: new Map(moments),
  };
}

/**
 * Returns the names of a training's sessions from the sessions' YAML file that it was given, in its order.
 *
 * @param checkpoint the checkpoint's file; a relative path is looked for from the working folder, and from the checkpoint's upwards
 * @returns undefined when the file is not there
 */
export function sessionNamesOf(
  checkpoint: string,
  { sessionsFile: file, maxSessions }: Pick<TorchCheckpoint, "sessionsFile" | "maxSessions">,
): string[] | undefined {
  const found = file && candidates(file, checkpoint).find((path) => existsSync(path));
  if (!found) return undefined;
  const { sessions, session_dir = "." } = asMapping(readYaml(found));
  if (!Array.isArray(sessions)) return undefined;
  return sessions.slice(0, maxSessions).map((name) => {
    const own = resolve(dirname(found), String(session_dir), `${name}.yaml`);
    const { session = name } = existsSync(own) ? asMapping(readYaml(own)) : {};
    return String(session);
  });
}

function candidates(file: string, checkpoint: string): string[] {
  const folders = [process.cwd()];
  for (let folder = dirname(resolve(checkpoint)); !folders.includes(folder); folder = dirname(folder))
    folders.push(folder);
  return folders.map((folder) => resolve(folder, file));
}
