import { Table } from "../../base/jupyter/table";
import { toPage } from "../../evaluation/report/page";
import { historyFigure, importancesFigure, slicesFigure } from "./figures";
import { parallelFigure } from "./parallel-figure";
import { type Aim, bestTable, countsOf, ranked } from "./results";
import type { Space } from "./space";
import type { Results } from "./study";

/** Returns a study as one self-contained page. */
export function studyPage(title: string, results: Results, aim: Aim, space: Space): string {
  const best = ranked(results, aim)[0];
  const { metric, direction } = aim;
  const keys = [
    { value: best ? best.value!.toPrecision(4) : "none", label: `best ${metric}` },
    { value: String(results.trials.length), label: "trials" },
  ];
  const sections = [
    { title: "Best trials", table: bestTable(results, aim) },
    { title: "History", figures: [{ figure: historyFigure(results, aim) }] },
    {
      title: "Parameters",
      figures: [
        { figure: slicesFigure(results, aim, space) },
        {
          figure: parallelFigure(results, aim, space),
          title: "Parallel coordinates",
          caption: `One line per completed trial, from its parameters to its ${metric}: darker is better, the best is green.`,
        },
      ],
    },
    ...(Object.keys(results.importances).length > 0
      ? [
          {
            title: "Importance of the parameters",
            text: "Shares of the variation among the trials, by Optuna's evaluator (PED-ANOVA).",
            figures: [{ figure: importancesFigure(results) }],
          },
        ]
      : []),
    { title: "Space", table: spaceTable(space) },
  ];
  return toPage({ title, subtitle: `${direction} ${metric}: ${countsOf(results)}`, keys, sections });
}

function spaceTable(space: Space): Table {
  return new Table(
    Object.entries(space).map(([parameter, distribution]) => ({
      parameter,
      type: distribution.type,
      values:
        distribution.type === "categorical"
          ? distribution.choices.join(", ")
          : `${distribution.low} to ${distribution.high}${distribution.log ? ", log" : ""}${distribution.step ? `, step ${distribution.step}` : ""}`,
    })),
  );
}
