import { readFileSync } from "node:fs";
import { type Bundle, DISPLAY, type Displayable } from "../base/jupyter/display";
import { Html, html } from "../base/jupyter/table";
import type { Arrangement, Panel } from "./panel";
import { type PlotlySpec, toPlotly } from "./plotly";
import { toSvg } from "./svg";

/** A figure of panels, which can be drawn as an interactive plotly figure and as a static SVG. */
export class Figure implements Displayable {
  constructor(
    readonly panels: readonly Panel[],
    /** A description in words, for output that shows neither. */
    readonly text: string,
    /** The arrangement of panels. Default: side by side. */
    readonly arrangement: Arrangement = {},
  ) {}

  /** Returns the plotly figure, for a page or your own plotly. */
  plotly(): PlotlySpec {
    return toPlotly(this.panels, this.arrangement);
  }

  /** Returns a standalone SVG. */
  svg(): string {
    return toSvg(this.panels, this.arrangement);
  }

  /** Returns an SVG bundle, which every front end redraws quickly: for figures that change while a cell runs. */
  svgBundle(): Bundle {
    return { "image/svg+xml": this.svg(), "text/plain": this.text };
  }

  /** Returns what a notebook shows for the object. */
  [DISPLAY](): Bundle {
    return { "application/vnd.plotly.v1+json": this.plotly(), ...this.svgBundle() };
  }
}

/** The trace types that plotly's smaller bundle draws. They include all types of the library's figures. */
const CARTESIAN: readonly string[] = [
  "bar",
  "box",
  "contour",
  "heatmap",
  "histogram",
  "histogram2d",
  "histogram2dcontour",
  "image",
  "pie",
  "scatter",
  "scatterternary",
  "violin",
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
