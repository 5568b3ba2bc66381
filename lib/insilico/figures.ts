import { Figure } from "../plots/figure";
import { greatest } from "../plots/image";
import type { Mark, Panel } from "../plots/panel";
import type { TwinView } from "../twin/stimulus";
import type { ChannelEffects } from "./channel-effects";
import type { ReceptiveFields } from "./gradients";
import type { UnitTuning } from "./grating-tuning";
import type { ShownInput } from "./input-goals";
import type { ContrastTuning, SizeTuning } from "./unit-tuning";

/** The number of units that a figure shows by default. */
export const SHOWN = 6;

/** Further tuning of the same units. */
export interface MoreTuning {
  readonly contrast?: readonly ContrastTuning[];
  readonly size?: readonly SizeTuning[];
}

/**
 * Draws the tuning of units to direction, spatial and temporal frequency, one row for each unit: measured points with their fits.
 *
 * @param units Default: the six with the best peak @param more adds panels of contrast and size. Default: none
 */
export function tuningFigure(
  tuning: readonly UnitTuning[],
  units: readonly string[] = strongest(tuning).map((unit) => tuning[unit]!.unit),
  { contrast = [], size = [] }: MoreTuning = {},
): Figure {
  const rows = tuning
    .filter(({ unit }) => units.includes(unit))
    .map((unit) => [
      ...gratingPanels(unit),
      ...contrast.filter((found) => found.unit === unit.unit).map(contrastPanel),
      ...size.filter((found) => found.unit === unit.unit).map(sizePanel),
    ]);
  const columns = Math.max(1, ...rows.map(({ length }) => length));
  return new Figure(rows.flat(), `tuning of ${rows.length} units to gratings`, { columns });
}

const RESPONSE = { label: "response (per bin)" };

function gratingPanels(unit: UnitTuning): Panel[] {
  const { directionCurve, directionFit, spatialFrequencyCurve, spatialFrequencyFit, temporalFrequencyCurve } =
    unit;
  const degrees = Array.from({ length: 121 }, (_, i) => 3 * i);
  const frequencies = between(spatialFrequencyCurve.values);
  const { values: hertz, responses } = temporalFrequencyCurve;
  const temporal: Panel = {
    title: `${hertz[responses.indexOf(Math.max(...responses))]} Hz`,
    x: { label: "cycles/s", log: hertz[0]! > 0 },
    y: RESPONSE,
    marks: [{ kind: "line", name: "", x: hertz, y: responses }],
  };
  return [
    {
      title: `${short(unit.unit)}: ${Math.round(unit.orientation)}°`,
      x: { label: "direction (°)", range: [0, 360] },
      y: RESPONSE,
      marks: measured(directionCurve, degrees, directionFit.at),
    },
    {
      title: `${short(unit.unit)}, ${unit.kind}`,
      x: { label: "cycles/°", log: true },
      y: RESPONSE,
      marks: measured(spatialFrequencyCurve, frequencies, spatialFrequencyFit.at),
    },
    ...(hertz.length > 1 ? [temporal] : []),
  ];
}

function contrastPanel({ curve, fit }: ContrastTuning): Panel {
  const contrasts = Array.from({ length: 51 }, (_, i) => i / 50);
  return {
    title: `half at ${fit.parameters.semiSaturation.toFixed(2)}`,
    x: { label: "contrast", range: [0, 1] },
    y: RESPONSE,
    marks: measured(curve, contrasts, fit.at),
  };
}

function sizePanel({ curve, preferred, suppression }: SizeTuning): Panel {
  return {
    title: `${preferred.toFixed(1)}°, −${Math.round(100 * suppression)} %`,
    x: { label: "diameter (°)" },
    y: RESPONSE,
    marks: [{ kind: "line", name: "", x: curve.values, y: curve.responses }],
  };
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
  inputs: readonly ShownInput[],
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

/** Draws the attributions of units' responses to pixels, each at the lag with the largest shares. Default: the first six units. */
export function attributionsFigure(
  values: Float32Array,
  names: readonly string[],
  view: TwinView,
  units: readonly string[] = names.slice(0, SHOWN),
): Figure {
  const size = values.length / names.length;
  const shown = units.map((unit) => {
    const at = names.indexOf(unit) * size;
    const input = values.subarray(at, at + size);
    return { unit, input, rate: input.reduce((sum, share) => sum + share, 0) };
  });
  const { panels, arrangement } = inputsFigure(shown, view, units);
  return new Figure(panels, `attributions of ${units.length} responses`, arrangement);
}

/** Draws the effect of each channel of a stage on each unit's rate. */
export function channelEffectsFigure({ channels, units, values }: ChannelEffects): Figure {
  const limit = greatest(values) || 1;
  const size = { width: channels.length, height: units.length };
  // Rows are units, so that both axes are readable with many channels.
  const turned = Float32Array.from(
    values,
    (_, i) => values[(i % size.width) * size.height + Math.floor(i / size.width)]!,
  );
  const panel: Panel = {
    title: "change of the rate without a channel",
    x: { label: "channel" },
    y: { label: "unit", reverse: true },
    marks: [{ kind: "image", palette: "diverging", values: turned, ...size, range: [-limit, limit] }],
  };
  return new Figure([panel], `effects of ${channels.length} channels on ${units.length} units`);
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
  const limit = greatest(values) || 1;
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
