import { shorten } from "../../base/terminal/fit-line";
import { Figure } from "../../plots/figure";
import type { Mark } from "../../plots/panel";
import { type Aim, ranked } from "./results";
import type { Distribution, Space, Value } from "./space";
import type { FinishedTrial, Results } from "./study";

const BEST = "#2a9d5c";
const AXIS = "#999";
const WORDS = "#222";
/** Colors of the second best and the worst trial; those between are mixed. */
const ENDS = [
  [31, 119, 180],
  [222, 226, 230],
] as const;
/** The width of an axis with its labels, in pixels. */
const AXIS_WIDTH = 130;
/** The longest shown name of a parameter, in characters. */
const NAME_LENGTH = 18;

/** A vertical axis: the position of each trial on it, from 0 to 1, and the labels of its ends. */
interface Scale {
  name: string;
  place(trial: FinishedTrial): number;
  labels: readonly (readonly [place: number, text: string])[];
}

/**
 * Draws parallel coordinates: an axis for each parameter and one for the metric, and a line through them for each
 * completed trial. The darker a line, the better the trial; the best is green.
 */
export function parallelFigure(results: Results, aim: Aim, space: Space): Figure {
  const trials = ranked(results, aim);
  const scales = [...Object.entries(space).map(parameterScale), metricScale(trials, aim.metric)];
  const marks = [
    ...scales.map((_, i): Mark => ({ kind: "line", name: "", x: [i, i], y: [0, 1], color: AXIS })),
    // The best trial is drawn last, on top of the others.
    ...trials.map((trial, rank) => lineOf(trial, scales, colorOf(rank, trials.length))).toReversed(),
    ...scales.flatMap(({ name, labels }, i) => [
      words([[1.1, shorten(name, NAME_LENGTH)]], i),
      words(labels, i),
    ]),
  ];
  const range = [-0.4, scales.length - 0.6] as const;
  const panel = {
    x: { label: "", range },
    y: { label: "", range: [-0.12, 1.15] as const },
    bare: true,
    marks,
  };
  const text = `${trials.length} completed trials by ${scales.map(({ name }) => name).join(", ")}`;
  return new Figure([panel], text, { width: Math.max(640, AXIS_WIDTH * scales.length), height: 340 });
}

function parameterScale([name, distribution]: [string, Distribution]): Scale {
  const at = placesOf(distribution);
  const ends =
    distribution.type === "categorical" ? distribution.choices : [distribution.low, distribution.high];
  return {
    name,
    place: ({ params }) => at(params[name]!),
    labels: ends.map((value) => [at(value), labelOf(value)]),
  };
}

/** Maps the values of a parameter to 0 to 1. */
function placesOf(distribution: Distribution): (value: Value) => number {
  if (distribution.type === "categorical") {
    const { choices } = distribution;
    return (value) => fraction(choices.indexOf(value), 0, choices.length - 1);
  }
  const scaled = distribution.log ? Math.log : (value: number) => value;
  const [low, high] = [scaled(distribution.low), scaled(distribution.high)];
  return (value) => fraction(scaled(Number(value)), low, high);
}

function metricScale(trials: readonly FinishedTrial[], name: string): Scale {
  const values = trials.map(({ value }) => value!);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const place = (value: number) => fraction(value, low, high);
  const ends = low === high ? [low] : [low, high];
  return {
    name,
    place: ({ value }) => place(value!),
    labels: trials.length > 0 ? ends.map((value) => [place(value), labelOf(value)]) : [],
  };
}

/** A range of one value is drawn in the middle of the axis. */
const fraction = (value: number, low: number, high: number) =>
  high > low ? (value - low) / (high - low) : 0.5;

const lineOf = (trial: FinishedTrial, scales: readonly Scale[], color: string): Mark => ({
  kind: "line",
  name: "",
  x: scales.map((_, i) => i),
  y: scales.map(({ place }) => place(trial)),
  color,
});

const words = (labels: Scale["labels"], axis: number): Mark => ({
  kind: "text",
  name: "",
  x: labels.map(() => axis),
  // The label of the lower end is below the axis, the others are above.
  y: labels.map(([place]) => (place === 0 ? -0.05 : place + 0.03)),
  text: labels.map(([, text]) => text),
  color: WORDS,
});

function colorOf(rank: number, count: number): string {
  if (rank === 0) return BEST;
  const share = fraction(rank, 1, count - 1);
  const mixed = ENDS[0].map((dark, i) => Math.round(dark + share * (ENDS[1][i]! - dark)));
  return `rgb(${mixed.join(", ")})`;
}

const labelOf = (value: Value) =>
  typeof value === "number" ? String(Number(value.toPrecision(4))) : shorten(String(value), NAME_LENGTH);
