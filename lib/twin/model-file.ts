import { ConfigError } from "../base/config";
import { type TakeNote, warn } from "../base/config/notes";
import { type ModelConfig, parseModelConfig, readModelConfig } from "../model";
import { readState } from "../trainer/checkpoint/checkpoint";
import { readTorchCheckpoint, TORCH_FILE } from "./torch-checkpoint";
import { fromPackage, type Mapping } from "./torch-config";

/** The names of checkpoints, of gradbook and of PyTorch. */
const CHECKPOINT = /\.(safetensors|ckpt|pt|pth)$/;

/**
 * Reads a model's configuration from its YAML file, or from a checkpoint of gradbook or PyTorch.
 *
 * @param note takes the notes on keys without effect. Default: prints them as warnings.
 * @throws ConfigError for an invalid configuration, and for a checkpoint that holds none
 */
export function readModelFile(file: string, note: TakeNote = warn): ModelConfig {
  if (!CHECKPOINT.test(file)) return readModelConfig(file, note);
  if (TORCH_FILE.test(file)) return packageModelConfig(readTorchCheckpoint(file).model, file, {}, note);
  const { model } = (readState(file).config ?? {}) as { model?: unknown };
  if (model !== undefined) return parseModelConfig(model, file, note);
  const message = "holds no model's configuration; give the model's YAML file";
  throw new ConfigError(file, [{ path: "config.model", message }]);
}

/**
 * Checks the model's configuration in a PyTorch checkpoint, completed so that the model is the same function here (see `fromPackage`).
 *
 * @param replaced keys that replace those of the checkpoint
 * @throws ConfigError when it is invalid, or the checkpoint has none
 */
export function packageModelConfig(
  model: unknown,
  checkpoint: string,
  replaced: Mapping = {},
  note: TakeNote = warn,
): ModelConfig {
  if (model !== undefined)
    return parseModelConfig({ ...fromPackage(model as Mapping), ...replaced }, checkpoint, note);
  const message = "holds no model configuration; give the model's YAML file (`config`, --config)";
  throw new ConfigError(checkpoint, [{ path: "", message }]);
}
