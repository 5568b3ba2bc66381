import { Table } from "../base/jupyter/table";
import { correlation, median } from "../metrics/correlation";
import { turnBetween } from "./cycle";
import { type ExcitingOptions, mostExcitingInputs, type UnitInput } from "./exciting-inputs";
import { gratingTuning, type UnitTuning } from "./grating-tuning";
import { type Observer, some } from "./observer";
import { presentWindows } from "./present";

/** A model with a name, whose units are compared with those of other models. */
export interface NamedObserver {
  readonly name: string;
  readonly observer: Observer;
}

/** The units of one model as they were measured. */
export interface MeasuredUnits {
  readonly name: string;
  /** The tuning of the units that at least one other model has. */
  readonly tuning: readonly UnitTuning[];
  /** The most exciting inputs of the same units. */
  readonly inputs: readonly UnitInput[];
  /** The units of other models that this model lacks. */
  readonly lacks: readonly string[];
}

/** A comparison of the units that two models share; all arrays are `[units]`. */
export interface ComparedPair {
  /** The names of the models. */
  readonly models: readonly [string, string];
  readonly units: readonly string[];
  /** The tuning of the units in each of the two models. */
  readonly tuning: readonly [readonly UnitTuning[], readonly UnitTuning[]];
  /** The difference of preferred orientations in degrees, 0 to 90. */
  readonly orientation: readonly number[];
  /** The preferred spatial frequency of the second model over that of the first one, in octaves. */
  readonly octaves: readonly number[];
  /** The correlation of the most exciting inputs, each with mean 0 and norm 1; undefined when frames, lags or clocks differ. */
  readonly inputs: readonly number[] | undefined;
  /**
   * The rate of each unit for the input that was found on the other model, relative to the rate for its own input: in the first model for
   * inputs of the second one, and in the second one for inputs of the first one. Undefined when frames, lags or clocks differ.
   */
  readonly transfer: readonly [readonly number[], readonly number[]] | undefined;
}

/** A comparison of units across models. */
export class ComparedUnits {
  constructor(
    readonly models: readonly MeasuredUnits[],
    /** All pairs of models that share units. */
    readonly pairs: readonly ComparedPair[],
  ) {}

  /** Returns a table with a row for each pair of models: medians over the units that both have. */
  table(): Table {
    return new Table(
      this.pairs.map(({ models, units, tuning, orientation, octaves, inputs, transfer }) => ({
        models: models.join(", "),
        units: units.length,
        "Δ orientation (°)": rounded(median(orientation)),
        "Δ frequency (octaves)": rounded(median(octaves.map(Math.abs))),
        "same kind (%)": Math.round((100 * sameKind(tuning)) / units.length),
        "r of inputs": inputs ? rounded(median(inputs)) : "",
        "exchanged, first": transfer ? rounded(median(transfer[0])) : "",
        "exchanged, second": transfer ? rounded(median(transfer[1])) : "",
      })),
    );
  }

  /** Returns for each model the median correlation of a unit's inputs from two seeds; undefined when there was only one seed. */
  seeds(): { readonly name: string; readonly correlation: number | undefined }[] {
    return this.models.map(({ name, inputs }) => {
      const found = inputs.flatMap(({ agreement }) => agreement ?? []);
      return { name, correlation: found.length > 0 ? median(found) : undefined };
    });
  }
}

const rounded = (value: number) => Number(value.toPrecision(3));

const sameKind = ([a, b]: ComparedPair["tuning"]) => a.filter(({ kind }, u) => kind === b[u]!.kind).length;

/**
 * Compares what the units of several models do: tuning to gratings, the similarity of their most exciting inputs, and the responses of each
 * model to the inputs of the others. Units are matched by their names: session and id.
 *
 * @param options those of the most exciting inputs
 *
 * @example
 * const twins = await Promise.all(["runs/first", "runs/second"].map((run) => loadTwin(run)));
 * const compared = await compareUnits(twins.map((twin) => ({ name: twin.path, observer: observe(twin) })));
 * display(compared.table());
 * display(comparedUnitsFigure(compared));
 *
 * @throws ConfigError when the size of a pixel in degrees is unknown
 */
export async function compareUnits(
  models: readonly NamedObserver[],
  options: ExcitingOptions = {},
): Promise<ComparedUnits> {
  const owners = new Map<string, number>();
  for (const { observer } of models)
    for (const unit of observer.units) owners.set(unit, (owners.get(unit) ?? 0) + 1);
  const parts: Part[] = [];
  for (const { name, observer } of models) {
    const { units } = observer;
    const shared = units.flatMap((unit, u) => (owners.get(unit)! > 1 ? [u] : []));
    const shown = some(observer, shared);
    const tuning = shared.length > 0 ? await gratingTuning(shown) : [];
    const inputs = shared.length > 0 ? await mostExcitingInputs(shown, options) : [];
    const lacks = [...owners.keys()].filter((unit) => !units.includes(unit));
    parts.push({ name, observer: shown, tuning, inputs, lacks });
  }
  const pairs: ComparedPair[] = [];
  for (const [i, first] of parts.entries())
    for (const second of parts.slice(i + 1)) {
      const units = first.observer.units.filter((unit) => second.observer.units.includes(unit));
      if (units.length > 0) pairs.push(await pairOf(chosen(first, units), chosen(second, units)));
    }
  const measured = parts.map(({ observer: _, ...model }) => model);
  return new ComparedUnits(measured, pairs);
}

interface Part extends MeasuredUnits {
  readonly observer: Observer;
}

/** Returns only some units of a model. */
function chosen({ observer, tuning, inputs, ...model }: Part, units: readonly string[]): Part {
  const at = units.map((unit) => observer.units.indexOf(unit));
  return {
    ...model,
    observer: some(observer, at),
    tuning: at.map((u) => tuning[u]!),
    inputs: at.map((u) => inputs[u]!),
  };
}

/** Compares two models with the same units. */
async function pairOf(a: Part, b: Part): Promise<ComparedPair> {
  const { units } = a.observer;
  const each = <T>(compare: (u: number) => T) => units.map((_, u) => compare(u));
  const exchanged = sameView(a.observer, b.observer);
  return {
    models: [a.name, b.name],
    units,
    tuning: [a.tuning, b.tuning],
    orientation: each((u) => Math.abs(turnBetween(a.tuning[u]!.orientation, b.tuning[u]!.orientation))),
    octaves: each((u) => Math.log2(b.tuning[u]!.spatialFrequency / a.tuning[u]!.spatialFrequency)),
    inputs: exchanged ? each((u) => correlation(a.inputs[u]!.input, b.inputs[u]!.input) || 0) : undefined,
    transfer: exchanged ? [await transferTo(a, b), await transferTo(b, a)] : undefined,
  };
}

/** Returns whether windows of one model can be shown to the other. */
function sameView({ view: a }: Observer, { view: b }: Observer): boolean {
  const keys = ["height", "width", "samplingRate", "pixelsPerDegree"] as const;
  return keys.every((key) => a[key] === b[key]) && String(a.lags) === String(b.lags);
}

/** Returns the rate of each unit of a model for its input of another model, relative to the rate for its own input. */
async function transferTo({ observer, inputs: own }: Part, { inputs }: Part): Promise<number[]> {
  const rates = await transferredRates(observer, inputs);
  return own.map(({ rate }, u) => (rate > 0 ? rates[u * own.length + u]! / rate : Number.NaN));
}

/**
 * Shows the inputs that were found on one model to another one, whose frames and lags must be the same.
 *
 * @returns the rates of all its units, `[inputs, units]`
 */
export async function transferredRates(
  observer: Observer,
  inputs: readonly UnitInput[],
): Promise<Float32Array> {
  const size = inputs[0]?.input.length ?? 0;
  const values = new Float32Array(inputs.length * size);
  for (const [i, { input }] of inputs.entries()) values.set(input, i * size);
  return presentWindows(observer, { count: inputs.length, values });
}
