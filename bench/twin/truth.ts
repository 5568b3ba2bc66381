import type { UnitTruth } from "../../lib/data";
import type { UnitTuning } from "../../lib/insilico";
import { turnBetween } from "../../lib/insilico/cycle";
import { median } from "../../lib/metrics/correlation";

/** The agreement of tuning with the simulator's units. */
export interface Recovered {
  readonly units: number;
  /** The median error of the preferred orientation. */
  readonly orientation_deg: number;
  /** The largest error of the preferred orientation. */
  readonly largest_orientation_deg: number;
  /** The median error of the preferred spatial frequency. */
  readonly frequency_percent: number;
  /** The share of units that are correctly classified as simple or complex. */
  readonly kind_percent: number;
}

/** Compares measured tuning with the truth, unit by unit. */
export function recovered(
  tuning: readonly UnitTuning[],
  truth: readonly UnitTruth[],
  pixelsPerDegree: number,
): Recovered {
  const orientation = tuning.map((unit, u) => Math.abs(turnBetween(unit.orientation, barsOf(truth[u]!))));
  const frequency = tuning.map((unit, u) =>
    Math.abs((unit.spatialFrequency * truth[u]!.wavelength) / pixelsPerDegree - 1),
  );
  const same = tuning.filter(({ kind }, u) => kind === truth[u]!.kind).length;
  return {
    units: tuning.length,
    orientation_deg: rounded(median(orientation)),
    largest_orientation_deg: rounded(Math.max(...orientation)),
    frequency_percent: rounded(100 * median(frequency)),
    kind_percent: rounded((100 * same) / tuning.length),
  };
}

/** Returns the orientation of a unit's bars in degrees, counter-clockwise from horizontal: the simulator's angle is the normal's, downwards. */
const barsOf = ({ orientation }: UnitTruth) => 90 - (orientation * 180) / Math.PI;

export const rounded = (value: number) => Number(value.toPrecision(3));
