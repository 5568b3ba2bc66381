import { basename } from "node:path";
import { ConfigError } from "../base/config";
import { rangeErrorsAs } from "../base/config/errors";
import { Float, OrderedDict, TensorToWrite } from "../base/torch/pickle";
import { writeTorch } from "../base/torch/write-torch";
import { type ModelConfig, parseModelConfig } from "../model";
import { WEIGHT_PREFIXES } from "../model/weights";
import { readCheckpoint } from "../trainer/checkpoint/checkpoint";
import type { NamedArray } from "../trainer/checkpoint/safetensors";
import type { CheckpointState } from "../trainer/checkpoint/state";
import { lightningLoops } from "./lightning-loops";
import { torchBuffers } from "./torch-buffers";
import type { TorchMoments } from "./torch-checkpoint";
import { differencesThere, toPackage } from "./torch-config";
import { torchLayout, torchWeights } from "./torch-layout";
import { torchOptimizerState } from "./torch-optimizer";

/** The options of `exportLightning`. */
export interface ExportLightningOptions {
  /** A checkpoint of gradbook. */
  checkpoint: string;
  /** The `.ckpt` file to write. */
  out: string;
  /** The path of the sessions' YAML file as the package is to open it, from its own working folder. Default `configs/sessions.yaml`. */
  sessionsFile?: string;
}

/** The result of an export. */
export interface ExportLightningReport {
  /** The names of the written weights. */
  readonly weights: readonly string[];
  /** The number of parameters whose optimizer state was written, or the reason why none was. */
  readonly optimizer: number | string;
  /** Remarks on what makes the model another function in the package. */
  readonly notes: readonly string[];
}

/** Prefixes of the names of a model's weights. */
const PREFIXES = Object.values(WEIGHT_PREFIXES);

/**
 * Writes a checkpoint that the PyTorch Lightning package loads (`MultiDatasetModel.load_from_checkpoint`) and resumes (`ckpt_path`): the
 * model's weights and configuration, the position in the training, and the state of AdamW.
 *
 * @throws ConfigError when the checkpoint cannot be read, or the package has no such model
 */
export function exportLightning({
  checkpoint,
  out,
  sessionsFile = "configs/sessions.yaml",
}: ExportLightningOptions): ExportLightningReport {
  const { tensors, state } = readCheckpoint(checkpoint);
  const { model } = (state.config ?? {}) as { model?: unknown };
  if (model === undefined) {
    const message = "holds no model configuration, which a Lightning checkpoint needs";
    throw new ConfigError(checkpoint, [{ path: "config.model", message }]);
  }
  const config = parseModelConfig(model, checkpoint);
  const own = new Map(
    [...tensors].filter(([name]) => PREFIXES.some((prefix) => name.startsWith(`${prefix}.`))),
  );
  const weights = rangeErrorsAs(checkpoint, "config.model", () => torchWeights(own, config));
  const names = weights.map(([name]) => name);
  const sessions = new Set(names.flatMap((name) => /^model\.readouts\.(\d+)\./.exec(name)?.[1] ?? [])).size;
  const settings = settingsOf(state);
  const moments = momentsIn(tensors, state, config);
  writeTorch(out, basename(out).replace(/\.ckpt$/, ""), {
    epoch: state.epoch,
    global_step: state.step,
    "pytorch-lightning_version": "2.6.1",
    state_dict: new OrderedDict([
      ...weights.map(([name, { shape, values }]) => [name, new TensorToWrite(values, shape)] as const),
      ...torchBuffers(names, config, state.step),
    ]),
    loops: lightningLoops(state),
    callbacks: {},
    optimizer_states:
      typeof moments === "string" ? [] : [torchOptimizerState(new Map(weights), { ...settings, ...moments })],
    lr_schedulers: [],
    hparams_name: "kwargs",
    hyper_parameters: {
      model_cfg: "",
      cfg_dir: sessionsFile,
      lr: new Float(settings.lr),
      wd: new Float(settings.weightDecay),
      max_ds: sessions,
      pretrained_checkpoint: null,
      freeze_vision: false,
      compile_model: false,
      model_config_dict: rangeErrorsAs(checkpoint, "config.model", () => toPackage(config)),
    },
  });
  const optimizer = typeof moments === "string" ? moments : moments.moments.size;
  return { weights: names, optimizer, notes: differencesThere(config) };
}

/** The settings of AdamW. */
interface AdamSettings {
  readonly type: string;
  readonly lr: number;
  readonly weightDecay: number;
  readonly betas: readonly [number, number];
  readonly eps: number;
}

/** Returns the optimizer's settings in a checkpoint, with the package's defaults for those that it does not have. */
function settingsOf({ config }: CheckpointState): AdamSettings {
  const { trainer } = (config ?? {}) as { trainer?: { optimizer?: Partial<AdamSettings> } };
  return {
    type: "adamw",
    lr: 1e-3,
    weightDecay: 1e-5,
    betas: [0.9, 0.999],
    eps: 1e-8,
    ...trainer?.optimizer,
  };
}

/** Returns the moments of AdamW in a checkpoint in the package's layout, or the reason why there are none. */
function momentsIn(
  tensors: ReadonlyMap<string, NamedArray>,
  state: CheckpointState,
  config: ModelConfig,
): { trained: ReadonlySet<string>; moments: Map<string, TorchMoments> } | string {
  const { type } = settingsOf(state);
  if (type !== "adamw") return `the package has AdamW alone, and the optimizer is ${type}`;
  const prefix = "optimizer.exp_avg.";
  const trained = [...tensors.keys()].flatMap((name) =>
    name.startsWith(prefix) ? [name.slice(prefix.length)] : [],
  );
  const steps = tensors.get("optimizer.step")?.values;
  if (trained.length === 0 || !steps) return "the checkpoint has none";
  const moments = trained.flatMap((name, i): [string, TorchMoments][] => {
    if (!(steps[i]! > 0)) return [];
    const [exp_avg, exp_avg_sq] = (["exp_avg", "exp_avg_sq"] as const).map((kind) =>
      torchLayout(name, tensors.get(`optimizer.${kind}.${name}`)!, config),
    );
    return [[name, { step: steps[i]!, exp_avg: exp_avg!, exp_avg_sq: exp_avg_sq! }]];
  });
  return { trained: new Set(trained), moments: new Map(moments) };
}
