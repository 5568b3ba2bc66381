import { type Bundle, DISPLAY, type Displayable } from "../base/jupyter";
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

  [DISPLAY](): Bundle {
    return { "application/vnd.plotly.v1+json": this.plotly(), ...this.svgBundle() };
  }
}
