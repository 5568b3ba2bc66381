import { readFileSync } from "node:fs";
import { Html, html } from "../base/jupyter";
import type { PlotlySpec } from "./plotly";

/** Kinds of traces that plotly's smaller bundle draws; those of our figures are among them. */
const CARTESIAN: readonly string[] = [
  ...["bar", "box", "contour", "heatmap", "histogram", "histogram2d", "histogram2dcontour"],
  ...["image", "pie", "scatter", "scatterternary", "violin"],
];

/**
 * The text of plotly.js, which a page needs once, as a script before `DRAW_FIGURES`: the bundle of 1.5 MB where it can draw all
 * traces, else the whole library of 4.8 MB.
 *
 * @param types the kinds of traces on the page. Default: those of our own figures
 */
export function plotlyLibrary(types: readonly string[] = ["scatter", "heatmap"]): string {
  const small = types.every((type) => CARTESIAN.includes(type));
  const file = small
    ? "plotly.js-cartesian-dist-min/plotly-cartesian.min.js"
    : "plotly.js-dist-min/plotly.min.js";
  return insideScript(readFileSync(require.resolve(file), "utf8"));
}

/**
 * A place on a page with the data of the figure that `DRAW_FIGURES` draws there. The data is JSON that no browser runs.
 *
 * @param id unique on the page
 */
export function plotlyPlace(id: string, { data, layout }: Pick<PlotlySpec, "data" | "layout">): Html {
  const json = new Html(insideJson(JSON.stringify({ data, layout })));
  return html`<div id="${id}"></div><script type="application/json" data-figure="${id}">${json}</script>`;
}

/** The text of the script that draws all figures of a page; it belongs after the last place. */
export const DRAW_FIGURES = `for (const source of document.querySelectorAll("script[data-figure]")) {
  const { data, layout } = JSON.parse(source.textContent);
  Plotly.newPlot(source.dataset.figure, data, layout, { displaylogo: false });
}`;

/** Code inside a script element must not close it or begin a comment that hides its end; escapes keep strings the same. */
const insideScript = (code: string) => code.replace(/<\/(?=script)/gi, "<\\/").replaceAll("<!--", "<\\!--");

/** JSON inside a script element: without `<` nothing closes the element, in any spelling. */
const insideJson = (json: string) => json.replaceAll("<", "\\u003c");
