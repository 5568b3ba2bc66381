import type { tf } from "../engine";
import { isDecayed, type Parameter, prefixed, type WeightSpec } from "../nn";

/** The parts of a model that have weights, and the prefixes of their weights' names. */
export const WEIGHT_PREFIXES = {
  adapter: "adapters",
  frontend: "frontend",
  convnet: "convnet",
  modulator: "modulator",
  recurrent: "recurrent",
  shifter: "shifters",
  readout: "readouts",
  history_encoder: "spike_history",
  baseline: "baselines",
  zero_inflation: "zero_inflation",
} as const;

/** A part of a model that has weights, named as its key in the configuration. */
export type WeightedPart = keyof typeof WEIGHT_PREFIXES;

const CORE: ReadonlySet<WeightedPart> = new Set(["frontend", "convnet", "modulator", "recurrent"]);

/** A weight of a model: its part, and whether it belongs to the core or to a session's head. */
export interface ModelWeight extends WeightSpec {
  readonly part: WeightedPart;
  readonly group: "core" | "head";
}

/** Returns the weights of a part under their names in the model. */
export function weightsOfPart(part: WeightedPart, weights: readonly WeightSpec[]): ModelWeight[] {
  const group = CORE.has(part) ? "core" : "head";
  return prefixed(WEIGHT_PREFIXES[part], weights).map((weight) => ({ ...weight, part, group }));
}

/** Returns the spec of a weight with one number for each unit of a session, named by the session's number. */
export function unitWeight(session: number, units: number, initial: WeightSpec["initial"]): WeightSpec {
  return { name: String(session), shape: [units], initial, session, nameIn: String };
}

/** Returns the parameter of a model's weight. */
export function parameterOf(weight: ModelWeight, variable: tf.Variable): Parameter {
  const { name, shape, part, group, session } = weight;
  const decay = isDecayed(name, shape);
  return { name, variable, part, group, decay, ...(session === undefined ? {} : { dataset: session }) };
}
