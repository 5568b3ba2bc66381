import { ConfigError } from "../base/config";
import { tf } from "../engine";
import type { ArrayValues } from "../protocols/module";
import { tensorOf } from "../trainer/step/to-tensors";

/** Arrays by name. The first axis of each array counts the samples. */
export type Arrays = Readonly<Record<string, ArrayValues | tf.Tensor>>;

/** Tensors by name, with one row for each sample. */
export type Tables = Readonly<Record<string, tf.Tensor>>;

/** Converts arrays into tensors of one length. @param made receives the tensors that this call creates */
export function tablesOf(arrays: Arrays, where: string, made: tf.Tensor[]): Tables {
  const tables = Object.entries(arrays).map(([name, values]) => {
    if (values instanceof tf.Tensor) return [name, values] as const;
    const tensor = tensorOf(values, `${where}${name}`);
    made.push(tensor);
    return [name, tensor] as const;
  });
  const problem = (path: string, message: string) =>
    new ConfigError("arrayBatches", [{ path: `${where}${path}`, message }]);
  const [first] = tables;
  if (!first) throw problem("", "no arrays were given; give some, such as { x, y }");
  for (const [name, { shape }] of tables) {
    if (shape.length === 0 || shape[0] === 0)
      throw problem(name, "has no samples; its first axis counts them");
    if (shape[0] !== first[1].shape[0])
      throw problem(
        name,
        `has ${shape[0]} rows and ${where}${first[0]} has ${first[1].shape[0]}; every array has a row for each sample ` +
          "(several numbers of a sample are a nested array, or a tensor: tf.tensor2d(values, [samples, numbers]))",
      );
  }
  return Object.fromEntries(tables);
}

/** @throws ConfigError when arrays have other names, types or shapes than the training samples */
export function requireSameEntries(own: Tables, train: Tables, name: string): void {
  const described = (tables: Tables) =>
    Object.entries(tables).map(([entry, { shape, dtype }]) => `${entry} ${dtype} [N, ${shape.slice(1)}]`);
  const [found, wanted] = [described(own), described(train)].map((all) => all.sort().join("; "));
  if (found === wanted) return;
  const message = `has other entries than the training samples: ${found}; needed: ${wanted}`;
  throw new ConfigError("arrayBatches", [{ path: name, message }]);
}

/** Returns the rows of all tables as new tensors. */
export function gathered(tables: Tables, rows: Int32Array): Record<string, tf.Tensor> {
  return tf.tidy(() => {
    const index = tf.tensor1d(rows, "int32");
    const entries = Object.entries(tables).map(([name, table]) => [name, tf.gather(table, index)] as const);
    return Object.fromEntries(entries);
  });
}
