import { type Bundle, DISPLAY, type Displayable } from "../jupyter";
import type { Panel } from "./panel";
import { toPlotly } from "./plotly";
import { toSvg } from "./svg";

/** Panels side by side, as data; drawn as an interactive plotly figure and as a static SVG. */
export class Figure implements Displayable {
  constructor(
    readonly panels: readonly Panel[],
    /** Said in words, for places that show neither. */
    readonly text: string,
  ) {}

  /** Redraws quickly, and in every front end: for pictures that change while a cell runs. */
  svgBundle(): Bundle {
    return { "image/svg+xml": toSvg(this.panels), "text/plain": this.text };
  }

  [DISPLAY](): Bundle {
    return { "application/vnd.plotly.v1+json": toPlotly(this.panels), ...this.svgBundle() };
  }
}
