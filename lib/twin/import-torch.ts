import { product } from "../base/arrays/shape";
import { ConfigError } from "../base/config";
import type { ModelConfig, ModelInput } from "../model";
import type { LagOrder } from "../model/batch";
import { planModel } from "../model/plan";
import { type ModelWeight, WEIGHT_PREFIXES } from "../model/weights";
import { type NamedArray, writeSafetensors } from "../trainer/checkpoint/safetensors";
import { type CheckpointState, NOTHING_GOES_ON } from "../trainer/checkpoint/state";
import { packageModelConfig, readModelFile } from "./model-file";
import { readTorchCheckpoint, sessionNamesOf, type TorchCheckpoint } from "./torch-checkpoint";
import { isUnused, ourName } from "./torch-names";
import { type MatchedMoments, matchedMoments } from "./torch-optimizer";
import { ourLayout } from "./torch-weights";

/** The options of `importTorch`. */
export interface ImportTorchOptions {
  /** A Lightning checkpoint or another file of `torch.save` (`.ckpt`, `.pt`, `.pth`), or its weights as `.safetensors`. */
  weights: string;
  /**
   * The model's YAML file, a checkpoint of gradbook or PyTorch with its configuration, or the configuration. Default: the configuration in the checkpoint, with `lag_order: newest_first` and the adapter's `blur: even`, as
   * the model was trained.
   */
  config?: string | ModelConfig;
  /** The checkpoint to write. */
  out: string;
  /** The order in which the imported model sees frames. Default: that of the configuration. */
  lagOrder?: LagOrder;
  /**
   * The size of the input, needed when weights depend on it (one for each pixel, or flattened frames). Default: 64 lags
   * of 64 × 64 pixels.
   */
  input?: Partial<Pick<ModelInput, "lags" | "height" | "width">>;
  /**
   * The names of the checkpoint's sessions, in its order. Without them, adapters and readouts cannot be matched by
   * name. Default: those of the sessions' YAML file that the checkpoint names, if it is there.
   */
  sessions?: readonly string[];
}

/** The result of an import, by gradbook's names. */
export interface ImportTorchReport {
  readonly loaded: readonly string[];
  /** Weights of the model that the checkpoint lacks. A model that loads the file keeps its own values for them. */
  readonly missing: readonly string[];
  /** Stages and other parts of the model of which the checkpoint has no weight at all. */
  readonly missingParts: readonly string[];
  /** Weights of the checkpoint that have no place in the model, by PyTorch's names, with the reason. */
  readonly leftOver: readonly { readonly name: string; readonly reason: string }[];
  /** Weights of the checkpoint that nothing depends on, by PyTorch's names. */
  readonly unused: readonly string[];
  /** The number of parameters whose optimizer state was imported, or the reason why none was. */
  readonly optimizer: number | string;
  /** The names of the sessions, if they are known. */
  readonly sessions?: readonly string[];
  /** The model's configuration, as the written checkpoint has it. */
  readonly config: ModelConfig;
}

/** A checkpoint's weights by gradbook's names, each with its PyTorch name. */
type Found = Map<string, { torch: string; array: NamedArray }>;

/**
 * Converts a PyTorch checkpoint into a gradbook checkpoint, without Python: names, layout, the order of time, and the state of AdamW, so
 * that a training can go on from it.
 *
 * @throws ConfigError when the files cannot be read, no configuration is given or in the checkpoint, or the number of sessions with a
 * readout in the checkpoint is 0 or not the number of given names
 */
export function importTorch({ out, ...options }: ImportTorchOptions): ImportTorchReport {
  const { tensors, state, report } = convertTorch(options);
  writeSafetensors(out, { tensors, metadata: { gradbook: JSON.stringify(state) } });
  return report;
}

/** Converts a PyTorch checkpoint as `importTorch` does, in memory. */
export function convertTorch(options: Omit<ImportTorchOptions, "out">): {
  tensors: Map<string, NamedArray>;
  state: CheckpointState;
  report: ImportTorchReport;
} {
  const { weights, input = {} } = options;
  const checkpoint = readTorchCheckpoint(weights);
  const { tensors, epoch, step } = checkpoint;
  const unused = [...tensors.keys()].filter((name) => isUnused(name, tensors));
  const found = foundIn(tensors, unused);
  const { config, where } = configOf(checkpoint, options);
  const units = unitsOf(found, weights);
  const sessions = sessionsOf(checkpoint, options, units.length);
  const behaviors = Number(config.modulator.params.behavior_dim ?? behaviorsIn(checkpoint.model) ?? 0);
  const plan = planModel(config, { lags: 64, height: 64, width: 64, units, behaviors, ...input }, where);
  const layout: Layout = (array, { name, shape }) => {
    const values = ourLayout(array, { name, shape, historyLags: plan.historyLags, order: config.lag_order });
    return values && { shape: [...shape], values };
  };
  const { converted, leftOver } = convertWeights(found, plan.weights, layout);
  const moments = matchedMoments(checkpoint, new Set(trainedOf(plan.weights).map(({ name }) => name)));
  const hasMoments = typeof moments !== "string";
  const state: CheckpointState = {
    format: 1,
    epoch,
    step,
    seed: 0,
    ...NOTHING_GOES_ON,
    metrics: {},
    ...(sessions ? { datasets: sessions } : {}),
    config: { model: config, ...(hasMoments ? ADAMW : {}) },
  };
  const report: ImportTorchReport = {
    loaded: [...converted.keys()],
    missing: plan.weights.map(({ name }) => name).filter((name) => !converted.has(name)),
    leftOver,
    unused,
    config,
    missingParts: missingParts(plan.weights, converted),
    optimizer: hasMoments ? moments.size : moments,
    ...(sessions ? { sessions } : {}),
  };
  const ofOptimizer = hasMoments ? optimizerTensors(plan.weights, moments, layout) : [];
  return { tensors: new Map([...converted, ...ofOptimizer]), state, report };
}

/** Returns the weights of a checkpoint that a model may have, by gradbook's names. */
function foundIn(tensors: ReadonlyMap<string, NamedArray>, unused: readonly string[]): Found {
  const found: Found = new Map();
  for (const [torch, array] of tensors) {
    const name = unused.includes(torch) ? undefined : ourName(torch);
    if (name) found.set(name, { torch, array });
  }
  return found;
}

/** Converts an array to the layout of a weight of the model; undefined when its shape does not fit. */
type Layout = (array: NamedArray, weight: ModelWeight) => NamedArray | undefined;

function convertWeights(found: Found, weights: readonly ModelWeight[], layout: Layout) {
  const known = new Map(weights.map((weight) => [weight.name, weight]));
  const converted = new Map<string, NamedArray>();
  const leftOver: { name: string; reason: string }[] = [];
  for (const [name, { torch, array }] of found) {
    const weight = known.get(name);
    const laidOut = weight && layout(array, weight);
    if (laidOut) converted.set(name, laidOut);
    else {
      const reason = weight
        ? `its shape [${array.shape}] does not fit the model's [${weight.shape}]`
        : "the model has no such weight";
      leftOver.push({ name: torch, reason });
    }
  }
  return { converted, leftOver };
}

const trainedOf = (weights: readonly ModelWeight[]) => weights.filter((weight) => weight.trained ?? true);

/** The trainer's configuration in a checkpoint with moments, from which only the same optimizer can resume. */
const ADAMW = { trainer: { optimizer: { type: "adamw" } } };

/** Returns the model's configuration and the file that it comes from. */
function configOf(
  { model }: TorchCheckpoint,
  { weights, config: file, lagOrder }: Pick<ImportTorchOptions, "weights" | "config" | "lagOrder">,
): { config: ModelConfig; where: string } {
  const order = lagOrder ? { lag_order: lagOrder } : {};
  if (typeof file === "string") return { config: { ...readModelFile(file), ...order }, where: file };
  if (file !== undefined) return { config: { ...file, ...order }, where: weights };
  return { config: packageModelConfig(model, weights, order), where: weights };
}

/** Returns the number of behaviour variables in a configuration as it was written. */
function behaviorsIn(model: unknown): unknown {
  const { modulator } = (model ?? {}) as { modulator?: { params?: { behavior_dim?: unknown } } };
  return modulator?.params?.behavior_dim;
}

/** @throws ConfigError when there are not as many names as readouts */
function sessionsOf(
  checkpoint: TorchCheckpoint,
  { weights, sessions: given }: Pick<ImportTorchOptions, "weights" | "sessions">,
  count: number,
): readonly string[] | undefined {
  const sessions = given ?? sessionNamesOf(weights, checkpoint);
  if (!sessions || sessions.length === count) return sessions;
  const message = `are ${sessions.length} (${sessions.join(", ")}), but the checkpoint has readouts of ${count}; name all in its order`;
  throw new ConfigError(weights, [{ path: "sessions", message }]);
}

/** Returns the parts of the model that have weights, none of which was found. */
function missingParts(weights: readonly ModelWeight[], found: ReadonlyMap<string, unknown>): string[] {
  const trained = trainedOf(weights);
  return Object.keys(WEIGHT_PREFIXES).filter((part) => {
    const own = trained.filter((weight) => weight.part === part);
    return own.length > 0 && !own.some(({ name }) => found.has(name));
  });
}

/** Returns AdamW's state as a checkpoint of gradbook has it; zeros for parameters that never had a gradient. */
function optimizerTensors(
  weights: readonly ModelWeight[],
  moments: Exclude<MatchedMoments, string>,
  layout: Layout,
): [string, NamedArray][] {
  const trained = trainedOf(weights);
  const zeros = ({ shape }: ModelWeight): NamedArray => ({
    shape: [...shape],
    values: new Float32Array(product(shape)),
  });
  const averages = (["exp_avg", "exp_avg_sq"] as const).flatMap((kind) =>
    trained.map((weight): [string, NamedArray] => {
      const own = moments.get(weight.name);
      return [`optimizer.${kind}.${weight.name}`, (own && layout(own[kind], weight)) ?? zeros(weight)];
    }),
  );
  const steps = Float32Array.from(trained, ({ name }) => moments.get(name)?.step ?? 0);
  return [...averages, ["optimizer.step", { shape: [trained.length], values: steps }]];
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
    {
      path: "",
      message: `holds no readout: there is no \`readouts.0.*\` among its weights (${names}, ...); give a checkpoint of a whole model`,
    },
  ]);
}
