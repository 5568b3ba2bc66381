import { Random } from "../base/random";
import { tf } from "../engine";
import type { WeightSpec, Weights } from "./plan";

/** A trained tensor. */
export interface Parameter {
  /** The name in checkpoints and patterns, such as `readouts.0.features.weight`. */
  readonly name: string;
  readonly variable: tf.Variable;
  /** The part of the model that it belongs to, such as `convnet`. */
  readonly part?: string;
  /** The core (frontend, convnet, modulator, recurrent) may have its own learning rate. */
  readonly group: "core" | "head";
  /** Whether weight decay applies to it: only to kernels and dense weights. */
  readonly decay: boolean;
  /** The session it belongs to; a batch without that session does not change it. */
  readonly dataset?: number;
  /** The size of the frames of a weight whose last axis holds pixels. */
  readonly frame?: { readonly height: number; readonly width: number };
}

/** Whether weight decay applies to a weight: `weight`, `weight_ih*` and `weight_hh*` with more than one dimension. */
export function isDecayed(name: string, shape: readonly number[]): boolean {
  const leaf = name.slice(name.lastIndexOf(".") + 1);
  return shape.length > 1 && /^weight(_ih.*|_hh.*)?$/.test(leaf);
}

/** Creates the variables of specs with initial values drawn from the seed. The caller disposes them. */
export function createVariables(specs: readonly WeightSpec[], seed: number): Map<string, tf.Variable> {
  const entries = specs.map(({ name, shape, initial, trained = true, seedName = name }) => {
    const values = initial(shape, new Random(seed, seedName));
    const value = tf.tensor(values, [...shape]);
    const variable = tf.variable(value, trained);
    value.dispose();
    return [name, variable] as const;
  });
  return new Map(entries);
}

/**
 * Returns a function that looks up variables by name.
 *
 * @throws Error for an unknown name, which means that a layer uses a weight that it did not declare
 */
export function lookUp(variables: ReadonlyMap<string, tf.Variable>): Weights {
  return (name) => {
    const variable = variables.get(name);
    if (!variable)
      throw new Error(`No weight is called ${name}; available: ${[...variables.keys()].join(", ")}.`);
    return variable;
  };
}
