import type { tf } from "../engine";
import { type Parameter, prefixed, type WeightSpec } from "../nn";
import { isDecayed } from "../nn/parameter";

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
  response_variance: "response_variance",
  response_shape: "response_shape",
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

/**
 * Returns a weight under the number that its session has among all sessions.
 *
 * @param numbers the number of each of the model's sessions
 */
export function renumbered<W extends WeightSpec>(weight: W, numbers: readonly number[]): W {
  const { session, nameIn, seedNameIn = nameIn } = weight;
  if (session === undefined) return weight;
  const number = numbers[session]!;
  return { ...weight, name: nameIn!(number), seedName: seedNameIn!(number), session: number };
}

/** Returns the parameter of a model's weight. */
export function parameterOf(weight: ModelWeight, variable: tf.Variable): Parameter {
  const { name, shape, part, group, session, frame } = weight;
  const decay = isDecayed(name, shape);
  return {
    name,
    variable,
    part,
    group,
    decay,
    ...(session === undefined ? {} : { dataset: session }),
    ...(frame ? { frame } : {}),
  };
}

/** The number of points of an outline; the last point repeats the first. */
const POINTS = 25;

/**
 * Returns for each mask an ellipse at one standard deviation from its centre, from its first and second moments.
 *
 * @param masks `[N, height * width]`, each of sum 1
 * @returns for each point of the outline, (y, x) of all units, `[points][N][2]`, rows and columns of the mask from 0
 */
export function outlinesOf(
  masks: ArrayLike<number>,
  { height, width }: { height: number; width: number },
): [number, number][][] {
  const pixels = height * width;
  const units = Array.from({ length: masks.length / pixels }, (_, unit) => {
    const sum = (value: (y: number, x: number) => number) => {
      let total = 0;
      for (let p = 0; p < pixels; p++)
        total += masks[unit * pixels + p]! * value(Math.floor(p / width), p % width);
      return total;
    };
    const [y, x] = [sum((row) => row), sum((_, column) => column)];
    const yy = sum((row) => (row - y) ** 2);
    const xx = sum((_, column) => (column - x) ** 2);
    const xy = sum((row, column) => (row - y) * (column - x));
    // The Cholesky factor of the covariance, which maps the unit circle to the ellipse.
    const a = Math.sqrt(yy);
    const b = a > 0 ? xy / a : 0;
    const c = Math.sqrt(Math.max(0, xx - b * b));
    return { y, x, a, b, c };
  });
  return Array.from({ length: POINTS }, (_, k) => {
    const angle = (2 * Math.PI * k) / (POINTS - 1);
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    return units.map(({ y, x, a, b, c }): [number, number] => [y + a * cos, x + b * cos + c * sin]);
  });
}
