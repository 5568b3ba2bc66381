import { basename } from "node:path";
import { ConfigError } from "../base/config";
import { Float, OrderedDict, TensorToWrite } from "../base/torch/pickle";
import { writeTorch } from "../base/torch/write-torch";
import { type ModelConfig, parseModelConfig } from "../model";
import { WEIGHT_PREFIXES } from "../model/weights";
import { readCheckpoint } from "../trainer/checkpoint/checkpoint";
import { torchWeights } from "./torch-layout";

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
  /** Remarks on what makes the model another function in the package. */
  readonly notes: readonly string[];
}

/** Prefixes of the names of a model's weights. */
const PREFIXES = Object.values(WEIGHT_PREFIXES);

/**
 * Writes a checkpoint that the PyTorch Lightning package loads (`MultiDatasetModel.load_from_checkpoint`): the model's weights and
 * configuration. The optimizer's state is left out.
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
  const weights = inPackage(checkpoint, () => torchWeights(own, config));
  const sessions = new Set(weights.flatMap(([name]) => /^model\.readouts\.(\d+)\./.exec(name)?.[1] ?? []))
    .size;
  writeTorch(out, basename(out).replace(/\.ckpt$/, ""), {
    epoch: state.epoch,
    global_step: state.step,
    "pytorch-lightning_version": "2.6.1",
    state_dict: new OrderedDict(
      weights.map(([name, { shape, values }]) => [name, new TensorToWrite(values, shape)]),
    ),
    loops: {},
    callbacks: {},
    optimizer_states: [],
    lr_schedulers: [],
    hparams_name: "kwargs",
    hyper_parameters: {
      model_cfg: "",
      cfg_dir: sessionsFile,
      lr: new Float(1e-3),
      wd: new Float(1e-5),
      max_ds: sessions,
      pretrained_checkpoint: null,
      freeze_vision: false,
      compile_model: false,
      model_config_dict: inPackage(checkpoint, () => packageConfig(config)),
    },
  });
  return { weights: weights.map(([name]) => name), notes: notesOn(config) };
}

function notesOn({ lag_order, adapter }: ModelConfig): string[] {
  const notes: string[] = [];
  if (lag_order === "oldest_first")
    notes.push(
      "lag_order is oldest_first: kernels are reversed in time, and the package shows the newest frame first, so its rates differ",
    );
  if (adapter.type === "adapter" && adapter.params.blur !== "even")
    notes.push("the adapter's blur is odd: the package has an even one, so its rates differ slightly");
  return notes;
}

/** Words what the package does not have as a problem of the checkpoint. */
function inPackage<Result>(checkpoint: string, make: () => Result): Result {
  try {
    return make();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new ConfigError(checkpoint, [{ path: "config.model", message: cause.message }], { cause });
  }
}

/** Stage types that the package does not have. */
const OURS_ALONE = {
  convnet: ["vivit"],
  recurrent: ["gru", "lstm"],
  readout: ["factorized", "gaussian2d"],
} as const;

/** Returns the configuration without the keys that only gradbook has. @throws RangeError for a model that the package does not have */
function packageConfig(config: ModelConfig): Readonly<Record<string, unknown>> {
  for (const [stage, types] of Object.entries(OURS_ALONE))
    if ((types as readonly string[]).includes(config[stage as keyof typeof OURS_ALONE].type))
      throw new RangeError(
        `${stage}.type ${config[stage as keyof typeof OURS_ALONE].type} is not in the PyTorch package`,
      );
  if (config.shifter.type !== "none") throw new RangeError("the PyTorch package has no shifter");
  if (config.loss !== "poisson") throw new RangeError(`the PyTorch package has no loss ${config.loss}`);
  const { lag_order: _, shifter: __, loss: ___, adapter, ...rest } = config;
  const { blur: ____, ...params } = adapter.params;
  return { ...rest, adapter: { ...adapter, params } };
}
