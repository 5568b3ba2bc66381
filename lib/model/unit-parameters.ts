import { tf } from "../engine";
import type { UnitParameter, UnitParameters } from "../losses/parts";
import { scoped, type Weights } from "../nn";
import { constant, zeros } from "../nn/initializers";
import type { UnitColumns } from "./unit-columns";
import { type ModelWeight, unitWeight, WEIGHT_PREFIXES, type WeightedPart, weightsOfPart } from "./weights";

interface Parametrization {
  readonly part: WeightedPart;
  /** The first raw value. */
  readonly first: number;
  /** Maps raw values to the parameter. */
  value(raw: tf.Tensor): tf.Tensor;
  /** Returns the raw value of a parameter. */
  raw(value: number): number;
}

/** The parameters of each unit that losses learn beside the model, as raw weights `{session}` of any size. */
const PARAMETRIZATIONS: Readonly<Record<UnitParameter, Parametrization>> = {
  // At first, one bin in ten is silent.
  silent: {
    part: "zero_inflation",
    first: Math.log(0.1 / 0.9),
    value: (raw) => tf.sigmoid(raw),
    raw: (share) => Math.log(share / (1 - share)),
  },
  variance: { part: "response_variance", first: 0, value: (raw) => tf.exp(raw), raw: Math.log },
  shape: { part: "response_shape", first: 0, value: (raw) => tf.exp(raw), raw: Math.log },
};

/** Plans the weights of the parameters that a loss learns for each unit. */
export function planUnitParameters(names: readonly UnitParameter[], units: readonly number[]): ModelWeight[] {
  return names.flatMap((name) => {
    const { part, first } = PARAMETRIZATIONS[name];
    const initial = first === 0 ? zeros : constant(first);
    return weightsOfPart(
      part,
      units.map((n, session) => unitWeight(session, n, initial)),
    );
  });
}

/** Returns the parameters of the units of the columns, `[B or 1, L]` each. Traced. @param get looks up weights of the model */
export function unitParameters(
  names: readonly UnitParameter[],
  sessions: number,
  columns: UnitColumns,
  get: Weights,
): UnitParameters {
  return Object.fromEntries(
    names.map((name) => {
      const { part, value } = PARAMETRIZATIONS[name];
      const of = scoped(get, WEIGHT_PREFIXES[part]);
      const raw = Array.from({ length: sessions }, (_, session) => of(String(session)));
      return [name, value(columns.values(raw)) as tf.Tensor2D];
    }),
  );
}

/** Sets the first values of a parameter of a session's units. */
export function initUnitParameter(
  model: { variable(name: string): tf.Variable },
  name: UnitParameter,
  session: number,
  values: readonly number[],
): void {
  const { part, raw } = PARAMETRIZATIONS[name];
  const first = tf.tensor1d(values.map(raw));
  model.variable(`${WEIGHT_PREFIXES[part]}.${session}`).assign(first);
  first.dispose();
}
