import { Figure } from "../plots/figure";
import type { Panel } from "../plots/panel";
import type { ComparedPair, ComparedUnits } from "./compare-units";
import { turnBetween } from "./cycle";

/**
 * Draws a row for each pair of models: the preferred orientation and spatial frequency of each unit in both, and its response to the other
 * model's input against the similarity of the two inputs.
 */
export function comparedUnitsFigure({ pairs }: ComparedUnits): Figure {
  const panels = pairs.flatMap((pair) => [orientationPanel(pair), frequencyPanel(pair), inputsPanel(pair)]);
  return new Figure(panels, `tuning and inputs of units in ${pairs.length} pairs of models`, { columns: 3 });
}

function orientationPanel({ models, tuning, orientation }: ComparedPair): Panel {
  const x = tuning[0].map((unit) => unit.orientation);
  // Orientations are circular: the second one is drawn in the half turn around the first one.
  const y = tuning[1].map((unit, u) => x[u]! + turnBetween(x[u]!, unit.orientation));
  return {
    title: `orientation (°): ${share(orientation, 10)} ≤ 10°`,
    x: { label: models[0], range: [-10, 190] },
    y: { label: models[1], range: [-100, 280] },
    marks: [diagonal(0, 180), { kind: "points", name: "", x, y }],
  };
}

function frequencyPanel({ models, tuning, octaves }: ComparedPair): Panel {
  const [x, y] = tuning.map((model) => model.map((unit) => unit.spatialFrequency)) as [number[], number[]];
  const ends = [Math.min(...x, ...y), Math.max(...x, ...y)] as const;
  return {
    title: `cycles/°: ${share(octaves, 0.25)} ≤ ¼ octave`,
    x: { label: models[0], log: true },
    y: { label: models[1], log: true },
    marks: [diagonal(...ends), { kind: "points", name: "", x, y }],
  };
}

function inputsPanel({ models, inputs, transfer }: ComparedPair): Panel {
  return {
    title: transfer ? "exchanged inputs" : "inputs cannot be exchanged",
    x: { label: "correlation of inputs" },
    y: { label: "response over that to own input" },
    marks: (transfer ?? []).map((y, i) => ({
      kind: "points",
      name: `in ${models[i]}`,
      x: inputs!,
      y,
      symbol: i === 0 ? "circle" : "cross",
    })),
  };
}

const diagonal = (from: number, to: number) =>
  ({ kind: "line", name: "", x: [from, to], y: [from, to], faint: true }) as const;

/** Returns the share of units whose difference is at most a limit, in percent. */
const share = (differences: readonly number[], limit: number) =>
  `${Math.round((100 * differences.filter((difference) => Math.abs(difference) <= limit).length) / differences.length)} %`;
