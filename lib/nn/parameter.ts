import { tf } from "../engine";
import { Random } from "../random";
import type { WeightSpec, Weights } from "./plan";

/** A trained tensor. */
export interface Parameter {
  /** What checkpoints and patterns know it by, such as `readouts.0.features.weight`. */
  readonly name: string;
  readonly variable: tf.Variable;
  /** The core (frontend, convnet, modulator, recurrent) may have its own learning rate. */
  readonly group: "core" | "head";
  /** Whether weight decay touches it: kernels and dense weights only. */
  readonly decay: boolean;
  /** The session it belongs to; a batch without that session leaves it alone. */
  readonly dataset?: number;
}

/** Whether weight decay touches a weight: `weight`, `weight_ih*` and `weight_hh*` with more than one dimension. */
export function isDecayed(name: string, shape: readonly number[]): boolean {
  const leaf = name.slice(name.lastIndexOf(".") + 1);
  return shape.length > 1 && /^weight(_ih.*|_hh.*)?$/.test(leaf);
}

const CORE = ["frontend", "convnet", "modulator", "recurrent"];

/** The parameter of a variable, its group and session read from its name (`readouts.3.bias`: head, session 3). */
export function parameterOf(name: string, variable: tf.Variable): Parameter {
  const [stage, index] = name.split(".");
  const group = CORE.includes(stage!) ? "core" : "head";
  const decay = isDecayed(name, variable.shape);
  const dataset = group === "head" && /^\d+$/.test(index ?? "") ? Number(index) : undefined;
  return { name, variable, group, decay, ...(dataset === undefined ? {} : { dataset }) };
}

/** The variables of specs, with their first values drawn from the seed. The caller disposes them. */
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

/** @throws Error for a name that no spec has: a layer that asks for a weight it did not declare */
export function lookUp(variables: ReadonlyMap<string, tf.Variable>): Weights {
  return (name) => {
    const variable = variables.get(name);
    if (!variable)
      throw new Error(`No weight is called ${name}; there are ${[...variables.keys()].join(", ")}.`);
    return variable;
  };
}
