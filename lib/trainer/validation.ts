import { ConfigError } from "../base/config";
import { compile, tf } from "../engine";
import type { Metrics } from "../protocols/events";
import type { Batch, Batches, BatchSource, TracedBatch, TrainingModule } from "../protocols/module";
import type { ProcessGroup } from "./distributed/process-group";
import { limitOf } from "./length";
import type { CheckedOptions } from "./options";
import type { TrainingStep } from "./step/step";
import { toTensors } from "./step/to-tensors";

/** The fit that is validated. */
export interface Validated {
  readonly source: BatchSource;
  readonly options: CheckedOptions;
  readonly module: TrainingModule;
  readonly batchSize: number;
  readonly compiled: TrainingStep;
  readonly group?: Pick<ProcessGroup, "rank" | "worldSize"> | undefined;
}

/**
 * Computes the metrics of a fit on its validation batches, or on the number that `limitValBatches` sets. Each of
 * several processes iterates over all batches and takes its share.
 *
 * @param isEnding called between batches; returns whether to abort
 * @returns no metrics without validation batches, and undefined when it was aborted
 */
export async function validationMetrics(
  fit: Validated,
  isEnding: () => boolean,
): Promise<Metrics | undefined> {
  const { source, options, batchSize, group } = fit;
  if (!source.validationBatches) return {};
  const request = { batchSize, seed: options.seed, pass: 0 };
  // As in Lightning, each process of a development run has one batch.
  const limit = options.fastDevRun
    ? (group?.worldSize ?? 1)
    : await limitOf(options.limitValBatches, source, request);
  return metricsOn(fit, limit, isEnding);
}

/** Computes the metrics of a fit on the first validation batches. @param limit the number of batches */
export async function metricsOn(
  { module, source, options, batchSize, compiled, group }: Validated,
  limit: number,
  isEnding?: () => boolean,
): Promise<Metrics | undefined> {
  const request = { batchSize, seed: options.seed, pass: 0 };
  if (!group || !module.shard) return compiled.validate(source.validationBatches!(request), limit, isEnding);
  const { rank, worldSize } = group;
  const own = source.validationBatches!({ ...request, rank, worldSize, limit });
  return compiled.validate(own, Number.POSITIVE_INFINITY, isEnding);
}

/** Makes an error about the batches that a module lacks for training, validation, test or prediction. */
export const noBatches = (what: string) =>
  new ConfigError("Trainer", [{ path: "", message: `the module has no \`${what}\`; add it` }]);

/**
 * Returns the source of a module's batches: the given source, or else the module. Neither is wrapped: methods run on
 * the object that has them, so that private fields work and callbacks see the user's own module.
 *
 * @throws ConfigError when neither serves batches
 */
export function sourceOf(module: TrainingModule, source?: BatchSource): BatchSource {
  const found = source ?? module;
  if (!found.trainBatches) throw noBatches("trainBatches");
  return found as BatchSource;
}

/** Computes the output of a module's `forward` for each batch. @throws ConfigError when the module has no `forward` */
export async function predictBatches(module: TrainingModule, batches: Batches): Promise<tf.Tensor[]> {
  if (!module.forward) throw noBatches("forward");
  const forward = compile((batch: TracedBatch) => module.forward!(batch), { name: "prediction" });
  const predictions: tf.Tensor[] = [];
  try {
    for await (const batch of batches) {
      const { tensors, made } = toTensors(batch);
      predictions.push(await forward(tensors));
      tf.dispose(made);
    }
    return predictions;
  } finally {
    forward.dispose();
  }
}

/**
 * Computes the output of a module's `forward` for all samples of some arrays, `[N, ...]`, batch by batch.
 *
 * @throws ConfigError when the module has no `forward`, or the arrays have different lengths
 */
export async function predictArrays(
  module: TrainingModule,
  arrays: Batch,
  batchSize: number,
): Promise<tf.Tensor> {
  const { tensors, made } = toTensors(arrays);
  try {
    const parts = await predictBatches(module, slices(tensors, batchSize));
    const all = parts.length === 1 ? parts[0]! : tf.concat(parts);
    if (parts.length > 1) tf.dispose(parts);
    return all;
  } finally {
    tf.dispose(made);
  }
}

function* slices(tables: TracedBatch, batchSize: number): Iterable<Batch> {
  const lengths = Object.entries(tables).map(([name, { shape }]) => `${name} ${shape[0] ?? "none"}`);
  const [first] = Object.values(tables);
  const count = first?.shape[0] ?? 0;
  if (count === 0 || Object.values(tables).some(({ shape }) => shape[0] !== count)) {
    const message = `every array needs the same number of samples, one or more; found: ${lengths.join(", ") || "no arrays"}`;
    throw new ConfigError("Trainer.predict", [{ path: "", message }]);
  }
  for (let at = 0; at < count; at += batchSize) {
    const size = Math.min(batchSize, count - at);
    const part = (table: tf.Tensor) => tf.slice(table, at, size);
    const batch = Object.fromEntries(Object.entries(tables).map(([name, table]) => [name, part(table)]));
    try {
      yield batch;
    } finally {
      tf.dispose(batch);
    }
  }
}
