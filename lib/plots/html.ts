import { readFileSync } from "node:fs";
import { Html, html } from "../base/jupyter";
import type { PlotlySpec } from "./plotly";

/** The trace types that plotly's smaller bundle draws. They include all types of the library's figures. */
const CARTESIAN: readonly string[] = [
  ...["bar", "box", "contour", "heatmap", "histogram", "histogram2d", "histogram2dcontour"],
  ...["image", "pie", "scatter", "scatterternary", "violin"],
];

/**
 * Returns the source of plotly.js, which a page needs once, in a script before `DRAW_FIGURES`: the bundle of 1.5 MB if it can draw all
 * traces, else the whole library of 4.8 MB.
 *
 * @param types the trace types on the page. Default: those of the library's figures
 */
export function plotlyLibrary(types: readonly string[] = ["scatter", "heatmap"]): string {
  const small = types.every((type) => CARTESIAN.includes(type));
  const file = small
    ? "plotly.js-cartesian-dist-min/plotly-cartesian.min.js"
    : "plotly.js-dist-min/plotly.min.js";
  return insideScript(readFileSync(require.resolve(file), "utf8"));
}

/**
 * Returns a page element with the data of the figure that `DRAW_FIGURES` draws there. The data is JSON, which browsers do not execute.
 *
 * @param id unique on the page
 */
export function plotlyPlace(id: string, { data, layout }: Pick<PlotlySpec, "data" | "layout">): Html {
  const json = new Html(insideJson(JSON.stringify({ data, layout })));
  return html`<div id="${id}"></div><script type="application/json" data-figure="${id}">${json}</script>`;
}

/** The source of the script that draws all figures of a page. Put it after the last figure element. */
export const DRAW_FIGURES = `for (const source of document.querySelectorAll("script[data-figure]")) {
  const { data, layout } = JSON.parse(source.textContent);
  Plotly.newPlot(source.dataset.figure, data, layout, { displaylogo: false });
}`;

/**
 * Escapes code for a script element: it must neither close the element nor begin a comment that hides its end. Strings keep their values.
 */
const insideScript = (code: string) => code.replace(/<\/(?=script)/gi, "<\\/").replaceAll("<!--", "<\\!--");

/** Escapes JSON for a script element: without `<`, no text can close the element. */
const insideJson = (json: string) => json.replaceAll("<", "\\u003c");
