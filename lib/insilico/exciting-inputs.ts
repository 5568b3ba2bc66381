import { tf } from "../engine";
import { correlation } from "../metrics/correlation";
import { type Observer, rateOfUnit } from "./observer";
import { Ascent, type FoundInputs, type Goal, type InputOptions } from "./optimise";
import { partSize } from "./present";

/** The options of `mostExcitingInputs`. */
export interface ExcitingOptions extends InputOptions {
  /** The number of starts from different noise; the best input of each unit is kept. Default 2. */
  seeds?: number;
}

/** The input that drives a unit most, or least. */
export interface UnitInput {
  readonly unit: string;
  /** Contrast, `[lags, height, width]`; one lag for still images. */
  readonly input: Float32Array;
  /** The unit's rate. */
  readonly rate: number;
  /** The rates of all units for this input, `[units]`. */
  readonly rates: Float32Array;
  /** The correlation of the best two seeds' inputs: near 1 when the maximum is unique, 0 for blank inputs; undefined for one seed. */
  readonly agreement: number | undefined;
}

/**
 * Finds for each unit the input that drives it most (Walker et al. 2019; Bashivan, Kar & DiCarlo 2019).
 *
 * @example
 * const inputs = await mostExcitingInputs(observe(twin), { rms: 0.2 });
 * display(inputsFigure(inputs, twin.view));
 */
export async function mostExcitingInputs(
  observer: Observer,
  options: ExcitingOptions = {},
): Promise<UnitInput[]> {
  return extremeInputs(observer, 1, options);
}

/** Finds for each unit the input that drives it least. */
export async function mostInhibitingInputs(
  observer: Observer,
  options: ExcitingOptions = {},
): Promise<UnitInput[]> {
  return extremeInputs(observer, -1, options);
}

/** The largest number of inputs that are found at once. */
const AT_ONCE = 128;

async function extremeInputs(
  observer: Observer,
  sign: 1 | -1,
  { seeds = 2, seed = 0, ...options }: ExcitingOptions,
): Promise<UnitInput[]> {
  const { units } = observer;
  const own: Goal = (rates, unit) =>
    tf.mul(rateOfUnit(rates, tf.cast(tf.reshape(unit, [-1]), "int32") as tf.Tensor1D), sign);
  const ascent = new Ascent(observer, own, options);
  const size = partSize(units.length, AT_ONCE);
  const found: UnitInput[] = [];
  try {
    for (let from = 0; from < units.length; from += size) {
      // The last part is filled up, so that the compiled functions serve all parts.
      const part = Array.from({ length: size }, (_, i) => Math.min(from + i, units.length - 1));
      const each: FoundInputs[] = [];
      for (let s = 0; s < seeds; s++)
        each.push(
          await ascent.run(
            part.map((unit) => [unit]),
            seed + s,
          ),
        );
      for (const [i, unit] of part.slice(0, units.length - from).entries())
        found.push(
          bestOf(
            each.map((seeded) => inputOf(seeded, i, units, unit)),
            sign,
          ),
        );
    }
  } finally {
    ascent.dispose();
  }
  return found;
}

type SeededInput = Omit<UnitInput, "agreement">;

/** Returns one of the inputs that were found, as that of a unit. */
function inputOf(
  { inputs, rates }: FoundInputs,
  i: number,
  units: readonly string[],
  unit: number,
): SeededInput {
  const size = inputs.length / (rates.length / units.length);
  const own = rates.slice(i * units.length, (i + 1) * units.length);
  return { unit: units[unit]!, input: inputs.slice(i * size, (i + 1) * size), rate: own[unit]!, rates: own };
}

/** Returns the best of the inputs from several seeds. */
function bestOf(seeded: readonly SeededInput[], sign: 1 | -1): UnitInput {
  const [best, second] = [...seeded].sort((a, b) => sign * (b.rate - a.rate));
  return { ...best!, agreement: second && (correlation(best!.input, second.input) || 0) };
}
