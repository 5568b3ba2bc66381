import { readdirSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { ConfigError } from "../../base/config";
import { readState } from "./checkpoint";

/** A checkpoint with the numbers in its file name. */
export interface ScannedCheckpoint {
  readonly path: string;
  /** The name of the run's folder. */
  readonly experiment: string;
  /** The kind of model: the experiment's name without hyperparameters, time, and the affixes `learned_` and `_gaussian`. */
  readonly modelType: string;
  /** The epoch as the name counts it: from 0 in names of Lightning (`epoch=03`), from 1 in gradbook's (`epoch-003`). */
  readonly epoch: number | undefined;
  /** Bits per spike on the validation set. */
  readonly valBps: number | undefined;
  /** The correlation of predicted and measured responses on the validation set, for responses that are not counts. */
  readonly valCorr: number | undefined;
  readonly valLoss: number | undefined;
}

/** The levels of folders below the given one: project, run, `checkpoints`. */
const DEPTH = 3;
/** Subfolders of runs that hold no checkpoint to choose from. */
const IGNORED = /^(\.|earlier-\d+$|logs$|pictures$|wandb$|tensorboard$|node_modules$)/;
const NUMBER = /(-?\d+(?:\.\d+)?(?:e-?\d+)?)/.source;
const BPS = new RegExp(`(?:val_)?bps(?:_overall)?[=-]${NUMBER}`);
const CORR = new RegExp(`val_corr(?:_overall)?[=-]${NUMBER}`);
const LOSS = new RegExp(`loss(?:_total)?[=-]${NUMBER}`);
const EXTENSION = /\.(ckpt|safetensors)$/;
const EPOCH = /epoch[=-](\d+)/;

/**
 * Finds the checkpoints of a folder and of the runs in it by their names: gradbook's
 * (`epoch-003_val_bps_overall-0.1234.safetensors`) and Lightning's (`epoch=02-val_bps_overall=0.1234.ckpt`). Files
 * without a metric in their name, the last checkpoint of a run, and scores that are NaN are left out.
 *
 * @returns the best first: by bits per spike, then by correlation, then those that only have a loss, by the loss
 * @throws ConfigError when the folder does not exist
 */
export function scanCheckpoints(folder: string): ScannedCheckpoint[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new ConfigError(folder, [{ path: "", message: "no such folder; check the path" }]);
  return filesBelow(folder, DEPTH)
    .flatMap((path) => scanned(path) ?? [])
    .sort(byScore);
}

/**
 * Returns the best checkpoint of a kind of model in a folder, or of all models if no kind is given.
 *
 * @param modelType a `modelType`, such as `resnet_none_convgru`, or else a part of an experiment's name
 * @param index the rank of the checkpoint among those of its kind. Default 0: the best.
 * @throws ConfigError that lists the kinds, or the number of checkpoints of the kind
 */
export function bestCheckpoint(folder: string, modelType?: string, index = 0): ScannedCheckpoint {
  return chosenCheckpoint(folder, scanCheckpoints(folder), modelType, index);
}

/** Chooses among the checkpoints of a folder as `bestCheckpoint` does. */
export function chosenCheckpoint(
  folder: string,
  all: readonly ScannedCheckpoint[],
  modelType?: string,
  index = 0,
): ScannedCheckpoint {
  const found = ofModelType(all, modelType);
  const chosen = found[index];
  if (chosen) return chosen;
  const types = modelTypesOf(all).sort();
  const message =
    all.length === 0
      ? "holds no checkpoint with a score in its name, such as epoch=02-val_bps_overall=0.1234.ckpt"
      : found.length === 0
        ? `holds no checkpoint of "${modelType}"; available: ${types.join(", ")}`
        : `holds ${found.length} checkpoints${modelType ? ` of "${modelType}"` : ""}, numbered from 0, and none with the number ${index}`;
  throw new ConfigError(folder, [{ path: "", message }]);
}

/** Returns the kinds of models, in the order of their best checkpoints. */
export const modelTypesOf = (all: readonly ScannedCheckpoint[]): string[] => [
  ...new Set(all.map(({ modelType }) => modelType)),
];

/** Returns the checkpoints of a kind of model: of exactly that kind, or else of experiments with that part in their name. */
export function ofModelType(all: readonly ScannedCheckpoint[], modelType?: string): ScannedCheckpoint[] {
  if (modelType === undefined) return [...all];
  const exact = all.filter((each) => each.modelType === modelTypeOf(modelType));
  if (exact.length > 0) return exact;
  return all.filter(({ experiment }) => experiment.toLowerCase().includes(modelType.toLowerCase()));
}

function filesBelow(folder: string, depth: number): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    const kind = entry.isSymbolicLink() ? statSync(path, { throwIfNoEntry: false }) : entry;
    if (kind?.isDirectory()) return depth > 0 && !IGNORED.test(entry.name) ? filesBelow(path, depth - 1) : [];
    return EXTENSION.test(entry.name) ? [path] : [];
  });
}

/** Returns a checkpoint with the numbers in its name, or undefined when it has no score. */
function scanned(path: string): ScannedCheckpoint | undefined {
  const name = basename(path).replace(EXTENSION, "");
  const numberIn = (pattern: RegExp) => {
    const found = pattern.exec(name)?.[1];
    return found === undefined ? undefined : Number(found);
  };
  const [valBps, valCorr, valLoss, epoch] = [BPS, CORR, LOSS, EPOCH].map(numberIn);
  const hasScore = [valBps, valCorr, valLoss].some((score) => score !== undefined);
  if (/last/i.test(name) || !hasScore) return undefined;
  const folder = dirname(path);
  const run = basename(folder) === "checkpoints" && path.endsWith(".safetensors") ? dirname(folder) : folder;
  const experiment = basename(run);
  return { path, experiment, modelType: modelTypeOf(experiment), epoch, valBps, valCorr, valLoss };
}

/** The scores by which checkpoints are ranked, the first that a name has; `sign` is -1 where higher is better. */
const SCORES = [
  { key: "valBps", metric: "val_bps_overall", sign: -1 },
  { key: "valCorr", metric: "val_corr_overall", sign: -1 },
  { key: "valLoss", metric: "val_loss", sign: 1 },
] as const;

function byScore(a: ScannedCheckpoint, b: ScannedCheckpoint): number {
  for (const { key, sign } of SCORES) {
    const [ofA, ofB] = [a, b].map(({ [key]: score = sign * Number.POSITIVE_INFINITY }) => sign * score);
    const difference = ofA! - ofB!;
    if (difference !== 0 && !Number.isNaN(difference)) return difference;
  }
  return unrounded(a, b) || a.path.localeCompare(b.path);
}

/** Compares scores that are equal in rounded names by those inside gradbook's checkpoints; returns 0 where they are unknown. */
function unrounded(a: ScannedCheckpoint, b: ScannedCheckpoint): number {
  const { metric, sign } = SCORES.find(({ key }) => a[key] !== undefined)!;
  const difference = sign * (scoreIn(a.path, metric) - scoreIn(b.path, metric));
  return Number.isNaN(difference) ? 0 : difference;
}

function scoreIn(path: string, key: string): number {
  if (!path.endsWith(".safetensors")) return Number.NaN;
  try {
    return Number(readState(path).metrics[key] ?? Number.NaN);
  } catch (error) {
    // A damaged file keeps its place; the error is thrown when it is loaded.
    if (error instanceof ConfigError) return Number.NaN;
    throw error;
  }
}

/** Matches the rest of an experiment's name, from the first hyperparameter on, and the time in a run's name. */
const HYPERPARAMETERS = /_(ddp|sgpu|pretrained|baseline|(bs|ds|lr|wd|cls|ga|warmup)\d).*$|-\d{8}-\d{6}$/;

function modelTypeOf(experiment: string): string {
  const model = experiment.toLowerCase().replace(HYPERPARAMETERS, "");
  return model.replace(/^learned_/, "").replace(/_gaussian(?=_|$)/, "");
}
