import { Figure } from "../../plots/figure";
import type { Mark, Panel } from "../../plots/panel";
import { type Aim, ranked } from "./results";
import type { Distribution, Space, Value } from "./space";
import type { FinishedTrial, Results } from "./study";

const COMPLETED = "#1f77b4";
const PRUNED = "#d95f02";
const BEST = "#2a9d5c";

/** Draws the value of each trial in the order of the study, the best value so far, and each trial's values by epoch. */
export function historyFigure(results: Results, aim: Aim): Figure {
  const { metric, direction } = aim;
  const better = direction === "minimize" ? Math.min : Math.max;
  const completed = results.trials.filter(({ state }) => state === "completed");
  const pruned = results.trials.filter(({ state, reported }) => state === "pruned" && reported.length > 0);
  let best: number | undefined;
  const bests = completed.map(({ value }) => {
    best = best === undefined ? value! : better(best, value!);
    return best;
  });
  const numbers = (trials: readonly FinishedTrial[]) => trials.map(({ number }) => number);
  const history: Panel = {
    title: "Value of each trial",
    x: { label: "trial" },
    y: { label: metric },
    marks: [
      { kind: "line", name: "best so far", x: numbers(completed), y: bests, color: BEST },
      points(
        "completed",
        numbers(completed),
        completed.map(({ value }) => value!),
        COMPLETED,
      ),
      points("pruned (last value)", numbers(pruned), pruned.map(lastReported), PRUNED, "cross"),
    ],
  };
  const curves = [...pruned, ...completed].filter(({ reported }) => reported.length > 1);
  const epochs: Panel = {
    title: "Values by epoch",
    x: { label: "epoch" },
    y: { label: metric },
    marks: curves.map(({ reported, state }) => ({
      kind: "line" as const,
      name: "",
      x: reported.map(([epoch]) => epoch),
      y: reported.map(([, value]) => value),
      color: state === "pruned" ? PRUNED : COMPLETED,
      faint: state === "pruned",
    })),
  };
  const text = `${results.trials.length} trials, best ${metric} ${ranked(results, aim)[0]?.value ?? "none yet"}`;
  return new Figure(curves.length > 0 ? [history, epochs] : [history], text);
}

/** Draws the value of completed and pruned trials over each parameter. */
export function slicesFigure({ trials }: Results, { metric }: Aim, space: Space): Figure {
  const completed = trials.filter(({ state }) => state === "completed");
  const pruned = trials.filter(({ state, reported }) => state === "pruned" && reported.length > 0);
  const panels = Object.entries(space).map(([name, distribution]): Panel => {
    const at = (trial: FinishedTrial) => placeOf(trial.params[name]!, distribution);
    return {
      title: name,
      x: axisOf(name, distribution),
      y: { label: metric },
      marks: [
        points(
          "completed",
          completed.map(at),
          completed.map(({ value }) => value!),
          COMPLETED,
        ),
        points("pruned", pruned.map(at), pruned.map(lastReported), PRUNED, "cross"),
      ],
    };
  });
  return new Figure(panels, `${metric} over ${Object.keys(space).join(", ")}`, { columns: 2 });
}

/** Draws a bar for each parameter, with the most important one on top. */
export function importancesFigure({ importances }: Results): Figure {
  const shares = Object.entries(importances);
  const marks = shares.flatMap(([name, share], row): Mark[] => [
    {
      kind: "band",
      name: "",
      x: [0, share],
      y: [row - 0.3, row - 0.3],
      to: [row + 0.3, row + 0.3],
      color: COMPLETED,
    },
    {
      kind: "text",
      name: "",
      x: [0.5],
      y: [row],
      text: [`${name}: ${(100 * share).toFixed(1)} %`],
      color: "#222",
    },
  ]);
  const panel: Panel = {
    x: { label: "share", range: [0, 1] },
    y: { label: "", reverse: true, range: [-0.5, shares.length - 0.5] },
    bare: true,
    marks,
  };
  const text = shares.map(([name, share]) => `${name} ${share.toFixed(3)}`).join(", ");
  return new Figure([panel], text, { height: 60 + 36 * shares.length });
}

function points(
  name: string,
  x: number[],
  y: number[],
  color: string,
  symbol: "circle" | "cross" = "circle",
): Mark {
  return { kind: "points", name, x, y, color, symbol };
}

const lastReported = ({ reported }: FinishedTrial) => reported.at(-1)![1];

/** Maps categories to their numbers. */
function placeOf(value: Value, distribution: Distribution): number {
  return distribution.type === "categorical" ? distribution.choices.indexOf(value) : Number(value);
}

function axisOf(name: string, distribution: Distribution): Panel["x"] {
  if (distribution.type !== "categorical") return { label: name, ...(distribution.log ? { log: true } : {}) };
  const { choices } = distribution;
  const legend = choices.map((choice, i) => `${i}: ${choice}`).join(", ");
  return { label: `${name} (${legend})`, range: [-0.5, choices.length - 0.5] };
}
