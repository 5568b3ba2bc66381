import type { TwinView } from "../twin/stimulus";
import { type Cycle, cycleOf, harmonic, meanOf, responseTo } from "./cycle";
import { type DirectionFit, type FrequencyFit, fitDirection, fitFrequency } from "./fit";
import { type Grating, gratings } from "./gratings";
import { type Observer, pixelsPerDegreeOf } from "./observer";
import { present } from "./present";

/** The gratings of a tuning experiment: all combinations are shown. */
export interface GratingTuningOptions {
  /** The number of directions around the circle, even. Default 24. */
  directions?: number;
  /** Cycles per degree. Default: nine from one cycle per frame to one cycle per three pixels, in equal ratios. */
  spatialFrequencies?: readonly number[];
  /** Cycles per second. Default: 2, 4, 8, 15 and 30, up to a quarter of the frame rate; 0 for a model with one lag. */
  temporalFrequencies?: readonly number[];
  /** The number of phases in a cycle, from which the mean and the modulation of the response are computed. Default 8. */
  phases?: number;
  /** 0 to 1. Default 0.3: at full contrast, responses saturate, which widens the curves. */
  contrast?: number;
}

/** A measured curve of one unit: the response above blank at each value of a parameter. */
export interface TuningCurve {
  readonly values: readonly number[];
  readonly responses: readonly number[];
}

/** The tuning of a unit to gratings. Rates are in spikes per bin. */
export interface UnitTuning {
  readonly unit: string;
  /** The rate with a blank (mid-grey) screen. */
  readonly blank: number;
  /** The response to the best of all gratings: the mean or the modulation over its cycle, whichever is larger. */
  readonly peak: number;
  /** The direction of drift in degrees, counter-clockwise from rightwards, from the fit. */
  readonly direction: number;
  /** The orientation of the bars in degrees, counter-clockwise from horizontal, 0 to 180, from the fit. */
  readonly orientation: number;
  /** Cycles per degree, from the fit. */
  readonly spatialFrequency: number;
  /** Cycles per second: the best of those shown. */
  readonly temporalFrequency: number;
  /** `(preferred - orthogonal) / (preferred + orthogonal)`, from the curve: 0 not selective, 1 fully. */
  readonly orientationIndex: number;
  /** `(preferred - opposite) / (preferred + opposite)` */
  readonly directionIndex: number;
  /** `1 - |Σ r exp(2i direction)| / Σ r` (Ringach et al. 2002): 0 fully selective, 1 not selective. */
  readonly circularVariance: number;
  /** The modulation over the mean of the response to the best grating, F1 / F0 (Skottun et al. 1991). */
  readonly modulationRatio: number;
  /** `simple` when the modulation ratio is above 1. */
  readonly kind: "simple" | "complex";
  /** Curves through the best grating. */
  readonly directionCurve: TuningCurve;
  readonly spatialFrequencyCurve: TuningCurve;
  readonly temporalFrequencyCurve: TuningCurve;
  readonly directionFit: DirectionFit;
  readonly spatialFrequencyFit: FrequencyFit;
}

/** The range of gratings that are shown. */
type GratingGrid = Required<GratingTuningOptions>;

/**
 * Measures the tuning of units to direction, orientation, spatial and temporal frequency, and phase, with drifting gratings over the whole
 * frame.
 *
 * @example
 * const twin = await loadTwin("runs/first");
 * const tuning = await gratingTuning(observe(twin));
 * display(tuningFigure(tuning));
 *
 * @throws ConfigError when the size of a pixel in degrees is unknown
 */
export async function gratingTuning(
  observer: Observer,
  options: GratingTuningOptions = {},
): Promise<UnitTuning[]> {
  const grid = { ...defaultGrid(observer.view), ...options };
  const { directions, spatialFrequencies, temporalFrequencies, phases, contrast } = grid;
  const angles = steps(directions);
  const cycled: Grating[] = angles.flatMap((direction) =>
    spatialFrequencies.flatMap((spatialFrequency) =>
      temporalFrequencies.flatMap((temporalFrequency) =>
        steps(phases).map((phase) => ({ direction, spatialFrequency, temporalFrequency, phase, contrast })),
      ),
    ),
  );
  const shown = await present(observer, gratings, [{ spatialFrequency: 0, contrast: 0 }, ...cycled]);
  const count = observer.units.length;
  const [blank, rates] = [shown.subarray(0, count), shown.subarray(count)];
  return observer.units.map((unit, column) => {
    const cycles = Array.from({ length: cycled.length / phases }, (_, cycle) =>
      cycleOf(
        Array.from({ length: phases }, (_, p) => rates[(cycle * phases + p) * count + column]!),
        blank[column]!,
      ),
    );
    return tuningOf(unit, blank[column]!, cycles, angles, grid);
  });
}

function tuningOf(
  unit: string,
  blank: number,
  cycles: readonly Cycle[],
  angles: readonly number[],
  { spatialFrequencies, temporalFrequencies }: GratingGrid,
): UnitTuning {
  const [spatial, temporal] = [spatialFrequencies.length, temporalFrequencies.length];
  const at = (d: number, s: number, t: number) => cycles[(d * spatial + s) * temporal + t]!;
  const responses = cycles.map(responseTo);
  const best = responses.indexOf(Math.max(...responses));
  const [d, s, t] = [
    Math.floor(best / (spatial * temporal)),
    Math.floor(best / temporal) % spatial,
    best % temporal,
  ];
  const curve = (values: readonly number[], cycle: (i: number) => Cycle) => ({
    values,
    responses: values.map((_, i) => responseTo(cycle(i))),
  });
  const directionCurve = curve(angles, (i) => at(i, s, t));
  const spatialFrequencyCurve = curve(spatialFrequencies, (i) => at(d, i, t));
  const temporalFrequencyCurve = curve(temporalFrequencies, (i) => at(d, s, i));
  const directionFit = fitDirection(angles, directionCurve.responses);
  const spatialFrequencyFit = fitFrequency(spatialFrequencies, spatialFrequencyCurve.responses);
  const { mean, modulation } = at(d, s, t);
  const modulationRatio = modulation / Math.max(mean, 1e-12);
  const direction = directionFit.parameters.preferred;
  return {
    unit,
    blank,
    peak: responses[best]!,
    direction,
    orientation: (direction + 90) % 180,
    spatialFrequency: spatialFrequencyFit.parameters.preferred,
    temporalFrequency: temporalFrequencies[t]!,
    ...selectivity(directionCurve.responses, d),
    modulationRatio,
    kind: modulationRatio > 1 ? "simple" : "complex",
    directionCurve,
    spatialFrequencyCurve,
    temporalFrequencyCurve,
    directionFit,
    spatialFrequencyFit,
  };
}

/** Computes the indices of selectivity from responses to directions around the circle; negative responses count as 0. */
function selectivity(responses: readonly number[], preferred: number) {
  const n = responses.length;
  const positive = responses.map((response) => Math.max(0, response));
  const turned = (part: number) => positive[(preferred + Math.round(part * n)) % n]!;
  const index = (a: number, b: number) => (a + b > 0 ? (a - b) / (a + b) : 0);
  const orthogonal = (turned(0.25) + turned(0.75)) / 2;
  const mean = meanOf(positive);
  return {
    orientationIndex: index((turned(0) + turned(0.5)) / 2, orthogonal),
    directionIndex: index(turned(0), turned(0.5)),
    circularVariance: mean > 0 ? 1 - harmonic(positive, 2) / (2 * mean) : 1,
  };
}

/** Returns angles in equal steps around the circle, in degrees, from 0. */
const steps = (count: number) => Array.from({ length: count }, (_, i) => (360 * i) / count);

/** The number of spatial frequencies, and the least number of pixels of a cycle. */
const SPATIAL = 9;
const LEAST_PIXELS = 3;
const TEMPORAL = [2, 4, 8, 15, 30];

/** Returns the gratings that are shown by default. */
function defaultGrid(view: TwinView): GratingGrid {
  const scale = pixelsPerDegreeOf(view);
  const lowest = scale / Math.min(view.height, view.width);
  const highest = scale / LEAST_PIXELS;
  const ratio = (highest / lowest) ** (1 / (SPATIAL - 1));
  return {
    directions: 24,
    spatialFrequencies: Array.from({ length: SPATIAL }, (_, i) => lowest * ratio ** i),
    temporalFrequencies:
      view.lags.length === 1 ? [0] : TEMPORAL.filter((hertz) => hertz <= view.samplingRate / 4),
    phases: 8,
    contrast: 0.3,
  };
}
