import { readFileSync } from "node:fs";
import { Html, html } from "../jupyter";
import type { PlotlySpec } from "./plotly";

/** The text of plotly.js, which a page needs once, as a script before `DRAW_FIGURES`. */
export function plotlyLibrary(): string {
  return insideScript(readFileSync(require.resolve("plotly.js-dist-min/plotly.min.js"), "utf8"));
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
