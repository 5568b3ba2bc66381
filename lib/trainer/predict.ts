import { ConfigError } from "../base/config";
import { compile, tf } from "../engine";
import type { Batch, Batches, TracedBatch, TrainingModule } from "../protocols/module";
import { noBatches } from "./served";
import { toTensors } from "./step/to-tensors";

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
    const message = `every array needs the same number of samples, one or more; there are: ${lengths.join(", ") || "no arrays"}`;
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
