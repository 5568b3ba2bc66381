/**
 * Figures of runs, sessions and models.
 *
 * @module gradbook/plots
 */

export type { BoundedCurve, Curve } from "./bounded-curve";
export { Curves } from "./curves";
export { type CurvesOptions, type CurvesPanel, curvesFigure } from "./curves-figure";
export { Figure } from "./figure";
export { type Png, toPng } from "./image";
export { LivePlot, type LivePlotOptions } from "./live-plot";
export { type MasksView, masksFigure } from "./masks";
export type { Arrangement, Axis, ImageMark, Mark, Panel, Series } from "./panel";
export type { PlotlySpec } from "./plotly";
export { type SessionView, sessionFigure } from "./session";
export { type KernelView, spatialKernelsFigure } from "./spatial-kernels";
export {
  type SaccadesView,
  type SpikeTriggeredView,
  saccadesFigure,
  spikeTriggeredFigure,
} from "./triggered";
export { kernelsFigure, type Position, positionsFigure, ratesFigure } from "./twin";
