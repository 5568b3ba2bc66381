import { ConfigError } from "../../base/config";
import { tf } from "../../engine";
import type { ArrayValues, Batch, TracedBatch } from "../../protocols/module";

/** A batch as tensors, and the tensors among them that were created for it. */
export function toTensors(batch: Batch): { tensors: TracedBatch; made: tf.Tensor[] } {
  const made: tf.Tensor[] = [];
  const toTensor = (name: string, values: ArrayValues | tf.Tensor) => {
    if (values instanceof tf.Tensor) return values;
    const tensor = tensorOf(values, `batch.${name}`);
    made.push(tensor);
    return tensor;
  };
  const entries = Object.entries(batch).map(([name, values]) => [name, toTensor(name, values)] as const);
  return { tensors: Object.fromEntries(entries), made };
}

/**
 * Converts an array to a tensor. Typed arrays of integers and bytes become int32, typed arrays of floats become
 * float32. Plain arrays get the type that `tf.tensor` gives them: float32, bool or string.
 *
 * @param where the array's name in the error
 * @throws ConfigError for nested arrays of unequal lengths, and for integers outside of int32
 */
export function tensorOf(values: ArrayValues, where: string): tf.Tensor {
  const problem = (message: string) => new ConfigError("data", [{ path: where, message }]);
  if (ArrayBuffer.isView(values)) {
    if (values instanceof Int32Array || values instanceof Uint8Array) return tf.tensor1d(values, "int32");
    if (values instanceof Float32Array || values instanceof Float64Array)
      return tf.tensor1d(Float32Array.from(values), "float32");
    const beyond = firstOutsideOfInt32(values);
    if (beyond !== undefined)
      throw problem(`${beyond} does not fit into int32; give a Float32Array or smaller numbers`);
    return tf.tensor1d(Int32Array.from(values as Iterable<number>, Number), "int32");
  }
  const wrong = irregular(values);
  if (wrong) throw problem(wrong);
  return tf.tensor(values as tf.TensorLike);
}

function firstOutsideOfInt32(values: Iterable<number | bigint>): number | bigint | undefined {
  for (const value of values) if (Number(value) !== (Number(value) | 0)) return value;
  return undefined;
}

/** Returns the reason why a nested array has no shape or no type; undefined when it has both. */
function irregular(values: ArrayLike<unknown>): string | undefined {
  const shape: number[] = [];
  let first: unknown = values;
  for (; isArray(first); first = first[0]) shape.push(first.length);
  /** Returns the position of the error below `value`, and the error. */
  const look = (value: unknown, depth: number): string | undefined => {
    const wanted = shape[depth];
    const expected = wanted === undefined ? String(first) : `an array of ${wanted}`;
    if (!isArray(value)) {
      const fits = wanted === undefined && typeof value === typeof first;
      return fits ? undefined : ` is ${value}, and the first one is ${expected}`;
    }
    if (value.length !== wanted) return ` is an array of ${value.length}, and the first one is ${expected}`;
    for (let i = 0; i < value.length; i++) {
      const found = look(value[i], depth + 1);
      if (found) return `[${i}]${found}`;
    }
    return undefined;
  };
  return look(values, 0);
}

const isArray = (value: unknown): value is ArrayLike<unknown> =>
  Array.isArray(value) || ArrayBuffer.isView(value);
