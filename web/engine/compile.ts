import * as tf from "@tensorflow/tfjs-core";
import type { Compiled, Given } from "../../lib/engine/compile";
import { mapNested } from "../../lib/engine/nest";

/** Returns the function with the interface of the engine's `compile`; in the browser, it runs op by op. */
export function compile<P extends readonly unknown[], R>(fn: (...args: P) => R): Compiled<P, R> {
  const run = async (...args: Given<P>) =>
    tf.tidy(() => {
      const tensors = args.map((arg) =>
        mapNested<tf.Tensor | number, tf.Tensor>(arg as tf.Tensor, (leaf) =>
          typeof leaf === "number" ? tf.scalar(leaf) : leaf,
        ),
      ) as unknown as P;
      return fn(...tensors) as tf.TensorContainer;
    }) as R;
  const inspection = { summary: () => [], profile: async () => [], dispose: () => {} };
  return Object.assign(run, inspection);
}
