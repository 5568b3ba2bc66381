import { type Bundle, DISPLAY, type Displayable } from "../base/jupyter";
import type { Arrangement, Panel } from "./panel";
import { type PlotlySpec, toPlotly } from "./plotly";
import { toSvg } from "./svg";

/** Panels as data; drawn as an interactive plotly figure and as a static SVG. */
export class Figure implements Displayable {
  constructor(
    readonly panels: readonly Panel[],
    /** Said in words, for places that show neither. */
    readonly text: string,
    /** Default: side by side. */
    readonly arrangement: Arrangement = {},
  ) {}

  /** For a page, or a plotly of one's own. */
  plotly(): PlotlySpec {
    return toPlotly(this.panels, this.arrangement);
  }

  /** A picture that stands alone. */
  svg(): string {
    return toSvg(this.panels, this.arrangement);
  }

  /** Redraws quickly, and in every front end: for pictures that change while a cell runs. */
  svgBundle(): Bundle {
    return { "image/svg+xml": this.svg(), "text/plain": this.text };
  }

  [DISPLAY](): Bundle {
    return { "application/vnd.plotly.v1+json": this.plotly(), ...this.svgBundle() };
  }
}
