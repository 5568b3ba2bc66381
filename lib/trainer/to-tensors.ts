import { tf } from "../engine";
import type { Batch, TracedBatch } from "./module";

/** A batch as tensors, and those of them that were made for it. */
export function toTensors(batch: Batch): { tensors: TracedBatch; made: tf.Tensor[] } {
  const made: tf.Tensor[] = [];
  const toTensor = (values: Int32Array | tf.Tensor) => {
    if (values instanceof tf.Tensor) return values;
    const tensor = tf.tensor1d(values, "int32");
    made.push(tensor);
    return tensor;
  };
  const entries = Object.entries(batch).map(([name, values]) => [name, toTensor(values)] as const);
  return { tensors: Object.fromEntries(entries), made };
}
