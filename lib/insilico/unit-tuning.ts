import { cycleOf, responseTo } from "./cycle";
import { type ContrastFit, fitContrast } from "./fit";
import type { FieldCentre } from "./gradients";
import type { TuningCurve, UnitTuning } from "./grating-tuning";
import { type Grating, gratings } from "./gratings";
import { type Observer, pixelsPerDegreeOf } from "./observer";
import { present } from "./present";

/** The number of phases of each grating. */
const PHASES = 8;

/** The responses of a unit to contrast. */
export interface ContrastTuning {
  readonly unit: string;
  readonly curve: TuningCurve;
  readonly fit: ContrastFit;
}

/**
 * Measures the responses to contrasts of each unit's preferred grating, and fits the function of Naka and Rushton.
 *
 * @param tuning the units' tuning, as `gratingTuning` measured it
 * @param contrasts 0 to 1. Default: ten in equal steps
 */
export async function contrastTuning(
  observer: Observer,
  tuning: readonly UnitTuning[],
  contrasts: readonly number[] = Array.from({ length: 10 }, (_, i) => (i + 1) / 10),
): Promise<ContrastTuning[]> {
  const curves = await curvesOf(observer, tuning, contrasts, (unit, contrast) => ({
    ...preferred(tuning[unit]!),
    contrast,
  }));
  return curves.map((curve, unit) => ({
    unit: tuning[unit]!.unit,
    curve,
    fit: fitContrast([0, ...curve.values], [0, ...curve.responses]),
  }));
}

/** The responses of a unit to the size of its preferred grating. */
export interface SizeTuning {
  readonly unit: string;
  readonly curve: TuningCurve;
  /** The diameter of the largest response in degrees. */
  readonly preferred: number;
  /** `(largest - at the largest diameter) / largest`: 0 without surround suppression, 1 with full suppression. */
  readonly suppression: number;
}

/**
 * Measures the responses to the diameter of each unit's preferred grating, around its receptive field.
 *
 * @param centres the centres of the units' receptive fields, such as those of `receptiveFields`
 * @param diameters in degrees. Default: twelve, up to twice the frame's smaller side
 */
export async function sizeTuning(
  observer: Observer,
  tuning: readonly UnitTuning[],
  centres: readonly FieldCentre[],
  diameters: readonly number[] = defaultDiameters(observer),
): Promise<SizeTuning[]> {
  const curves = await curvesOf(observer, tuning, diameters, (unit, diameter) => ({
    ...preferred(tuning[unit]!),
    x: centres[unit]!.x,
    y: centres[unit]!.y,
    diameter,
  }));
  return curves.map((curve, unit) => {
    const largest = Math.max(...curve.responses);
    return {
      unit: tuning[unit]!.unit,
      curve,
      preferred: curve.values[curve.responses.indexOf(largest)]!,
      suppression: largest > 0 ? (largest - curve.responses.at(-1)!) / largest : 0,
    };
  });
}

const preferred = ({ direction, spatialFrequency, temporalFrequency }: UnitTuning): Grating => ({
  direction,
  spatialFrequency,
  temporalFrequency,
});

function defaultDiameters({ view }: Observer): number[] {
  const largest = (2 * Math.min(view.height, view.width)) / pixelsPerDegreeOf(view);
  return Array.from({ length: 12 }, (_, i) => (largest * (i + 1)) / 12);
}

/** Measures a curve of each unit to gratings of its own. */
async function curvesOf(
  observer: Observer,
  tuning: readonly UnitTuning[],
  values: readonly number[],
  gratingOf: (unit: number, value: number) => Grating,
): Promise<TuningCurve[]> {
  const phases = Array.from({ length: PHASES }, (_, p) => (360 * p) / PHASES);
  const shown = tuning.flatMap((_, unit) =>
    values.flatMap((value) => phases.map((phase) => ({ ...gratingOf(unit, value), phase }))),
  );
  const rates = await present(observer, gratings, shown);
  const count = observer.units.length;
  return tuning.map(({ blank }, unit) => {
    const responses = values.map((_, v) => {
      const first = (unit * values.length + v) * PHASES;
      const cycle = phases.map((_, p) => rates[(first + p) * count + unit]!);
      return responseTo(cycleOf(cycle, blank));
    });
    return { values, responses };
  });
}
