import { Figure } from "../plots/figure";
import type { Mark, Panel } from "../plots/panel";
import type { TwinView } from "../twin/stimulus";
import type { UnitInput } from "./exciting-inputs";
import type { ReceptiveFields } from "./gradients";
import type { UnitTuning } from "./grating-tuning";

/** The number of units that a figure shows by default. */
const SHOWN = 6;

/** Draws the tuning of units to direction and spatial frequency, measured points with their fits. Default: the six with the best peak. */
export function tuningFigure(
  tuning: readonly UnitTuning[],
  units: readonly string[] = strongest(tuning).map((unit) => tuning[unit]!.unit),
): Figure {
  const shown = tuning.filter(({ unit }) => units.includes(unit));
  const panels = shown.flatMap((unit): Panel[] => {
    const { directionCurve, directionFit, spatialFrequencyCurve, spatialFrequencyFit } = unit;
    const degrees = Array.from({ length: 121 }, (_, i) => 3 * i);
    const frequencies = between(spatialFrequencyCurve.values);
    return [
      {
        title: `${short(unit.unit)}: ${Math.round(unit.orientation)}°`,
        x: { label: "direction (°)", range: [0, 360] },
        y: { label: "response (per bin)" },
        marks: measured(directionCurve, degrees, directionFit.at),
      },
      {
        title: `${short(unit.unit)}, ${unit.kind}`,
        x: { label: "cycles/°", log: true },
        y: { label: "response (per bin)" },
        marks: measured(spatialFrequencyCurve, frequencies, spatialFrequencyFit.at),
      },
    ];
  });
  return new Figure(panels, `tuning of ${shown.length} units to gratings`, { columns: 4 });
}

/** Shortens the name of a unit, `luke_2031-03-01 7`, to its subject and id. */
const short = (unit: string) => unit.replace(/_\S*/, "");

/** Draws a curve of measured points with its fit. */
function measured(
  { values, responses }: { values: readonly number[]; responses: readonly number[] },
  x: readonly number[],
  at: (x: number) => number,
): Mark[] {
  return [
    { kind: "points", name: "", x: values, y: responses },
    { kind: "line", name: "", x, y: x.map(at) },
  ];
}

/** Returns values between the first and the last one, in equal ratios. */
function between(values: readonly number[]): number[] {
  const [from, to] = [values[0]!, values.at(-1)!];
  return Array.from({ length: 60 }, (_, i) => from * (to / from) ** (i / 59));
}

/** Draws units' inputs, each at the lag with the largest contrast. Default: the first six units. */
export function inputsFigure(
  inputs: readonly UnitInput[],
  { height, width, lags }: TwinView,
  units: readonly string[] = inputs.slice(0, SHOWN).map(({ unit }) => unit),
): Figure {
  const shown = inputs.filter(({ unit }) => units.includes(unit));
  const panels = shown.map(({ unit, input, rate }): Panel => {
    const frame = strongestFrame(input, height * width);
    const when = input.length === height * width ? "" : `, lag ${lags[frame.index]}`;
    return framePanel(`${short(unit)}: ${rate.toPrecision(3)}${when}`, frame.values, { height, width });
  });
  return new Figure(panels, `inputs of ${shown.length} units`, { columns: 3 });
}

/** Draws the energy of units' receptive fields. Default: the first six units. */
export function receptiveFieldsFigure(
  { energy }: ReceptiveFields,
  names: readonly string[],
  { height, width }: TwinView,
  units: readonly string[] = names.slice(0, SHOWN),
): Figure {
  const pixels = height * width;
  const panels = units.map((unit): Panel => {
    const at = names.indexOf(unit) * pixels;
    return framePanel(short(unit), energy.subarray(at, at + pixels), { height, width });
  });
  return new Figure(panels, `receptive fields of ${panels.length} units`, { columns: 3 });
}

function framePanel(title: string, values: Float32Array, size: { height: number; width: number }): Panel {
  const limit = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  return {
    title,
    x: { label: "pixel" },
    y: { label: "pixel", reverse: true },
    equal: true,
    bare: true,
    marks: [{ kind: "image", palette: "diverging", values, ...size, range: [-limit, limit] }],
  };
}

/** Returns the frame with the largest mean square. */
function strongestFrame(input: Float32Array, pixels: number): { index: number; values: Float32Array } {
  const frames = Array.from({ length: input.length / pixels }, (_, index) => ({
    index,
    values: input.subarray(index * pixels, (index + 1) * pixels),
  }));
  const power = (values: Float32Array) => values.reduce((sum, value) => sum + value * value, 0);
  return frames.reduce((a, b) => (power(b.values) > power(a.values) ? b : a));
}

/** Returns the numbers of the units that respond most, as many as a figure shows. */
export function strongest(tuning: readonly UnitTuning[]): number[] {
  const all = tuning.map((_, unit) => unit);
  return all.sort((a, b) => tuning[b]!.peak - tuning[a]!.peak).slice(0, SHOWN);
}
