import { readFileSync } from "node:fs";
import type { PlotlySpec } from "./plotly";

/** plotly.js itself as a script element: put into a page once, before its figures. */
export function plotlyLibrary(): string {
  const file = require.resolve("plotly.js-dist-min/plotly.min.js");
  return `<script>${insideScript(readFileSync(file, "utf8"))}</script>`;
}

/** A place on a page, and the script that draws a figure there. @param id of the place, one for each figure of the page */
export function plotlyPlace(id: string, { data, layout }: Pick<PlotlySpec, "data" | "layout">): string {
  const drawing = `Plotly.newPlot("${id}", ${JSON.stringify(data)}, ${JSON.stringify(layout)}, {displaylogo: false})`;
  return `<div id="${id}"></div><script>${insideScript(drawing)}</script>`;
}

/** Text inside a script element must not close it. */
const insideScript = (code: string) => code.replaceAll("</script", "<\\/script");
