import { extremes } from "../base/dsp/extremes";
import type { Curve } from "./bounded-curve";
import { bestOf, GREY, trainingMarks, validationMarks, wordsOf } from "./curve-marks";
import type { Curves } from "./curves";
import { Figure } from "./figure";
import { axisOf, isScore, titleOf } from "./metric-words";
import { type Axis, type Mark, type Panel, seriesStyle } from "./panel";

/** Options of drawing curves. */
export interface CurvesOptions {
  /**
   * The weight of the past in the smoothed training curves, like TensorBoard's slider: 0 disables smoothing. Default 0.8; less for a
   * curve of fewer than fifty points, which would lag behind.
   */
  smoothing?: number;
  /**
   * Whether to use logarithmic axes: for all curves, or for those named. Default: none. A curve with values that are not positive always
   * has a linear axis.
   */
  log?: boolean | readonly string[];
  /** The number of last steps that are drawn. Default: all */
  last?: number;
}

/** One metric, or several in one panel; the best value of the first one is marked. */
export type CurvesPanel = string | readonly string[] | { title: string; metrics: readonly string[] };

/**
 * The maximum number of parts of a metric, such as sessions, with separate colors. More parts are grey, because their colors could not be
 * distinguished.
 */
const COLORED_PARTS = 6;

/**
 * Draws the curves of a run: training curves are smoothed, with the raw ones faint behind them, and the best value of a panel's first
 * validation metric is marked. For a long curve, the means of its sections are smoothed, as TensorBoard smooths the points that it keeps.
 *
 * @param panels metrics of each panel, such as `["train_loss", "val_loss"]`
 */
export function curvesFigure(
  curves: Curves,
  panels: readonly CurvesPanel[],
  options: CurvesOptions = {},
): Figure {
  const range = stepsOf(curves, options.last);
  const drawn = panels.map((panel) => drawPanel(curves, panel, range, options));
  return new Figure(
    drawn.map(({ panel }) => panel),
    drawn.flatMap(({ words }) => words).join(", "),
  );
}

/** Draws a panel. @returns the panel, and its last values in words */
function drawPanel(
  curves: Curves,
  given: CurvesPanel,
  range: [number, number],
  { smoothing, log = false }: CurvesOptions,
): { panel: Panel; words: string[] } {
  const metrics = metricsOf(given);
  const parts = metrics.filter(isPart).length;
  const grey = parts > COLORED_PARTS ? `, ${parts} parts in grey` : "";
  const title = (typeof given === "object" && "title" in given ? given.title : titleOf(metrics)) + grey;
  const judged = metrics.find(
    (metric) => isScore(metric) && !metric.startsWith("reg_loss/") && curves.validation.has(metric),
  );
  const withTraining = metrics.some((metric) => curves.training.has(metric));
  const words: string[] = [];
  const found = metrics.map((metric) => ({ metric, curve: from(range, curves.get(metric)) }));
  const marks = found.flatMap(({ metric, curve }, i): Mark[] => {
    const best = metric === judged ? bestOf(metric, curve) : undefined;
    words.push(wordsOf(metric, curve, best));
    const style = grey && isPart(metric) ? GREY : seriesStyle(i);
    // Beside training curves, a part of a metric such as `val_loss/<session>` keeps its whole name; else its session is enough.
    const label = withTraining ? metric : metric.slice(metric.lastIndexOf("/") + 1);
    if (!curves.training.has(metric)) return validationMarks(metric, label, curve, best, style);
    const means = from(range, curves.training.get(metric)!.means());
    // The learning rate is not noisy and needs no smoothing.
    return trainingMarks(metric, curve, means, metric === "lr" ? 0 : (smoothing ?? usual(means)), style);
  });
  const values = found.flatMap(({ curve }) => curve.y);
  const x = { label: "optimizer step", range };
  if (values.length === 0)
    return { panel: { title, x, y: { label: "", range: [0, 1] }, marks: [nothingYet(range)] }, words };
  const wanted = log === true || (Array.isArray(log) && metrics.some((metric) => log.includes(metric)));
  const positive = values.every((y) => Number.isNaN(y) || y > 0);
  const y = {
    label: axisOf(metrics),
    ...(wanted && positive ? { log: true } : {}),
    ...around(extremes(values)),
  };
  return { panel: { title, x, y, marks }, words };
}

function metricsOf(panel: CurvesPanel): readonly string[] {
  if (typeof panel === "string") return [panel];
  return "metrics" in panel ? panel.metrics : panel;
}

/** Whether a metric is that of a part of the data, such as `val_loss/<session>`. */
const isPart = (metric: string) => metric.includes("/");

/**
 * Returns the range from the first step of any curve to the last, so that all panels have the same x axis.
 *
 * @param last the number of steps at the end; undefined for all
 */
function stepsOf({ steps }: Curves, last = Number.POSITIVE_INFINITY): [number, number] {
  if (!steps) return [0, 1];
  const [first, high] = steps;
  const low = Math.max(first, high - last);
  return high > low ? [low, high] : [low - 1, low + 1];
}

/** Returns the points of a curve within a range of steps. */
function from([low]: readonly [number, number], { x, y }: Curve = { x: [], y: [] }): Curve {
  const start = x.findIndex((step) => step >= low);
  return start <= 0
    ? { x: start < 0 ? [] : x, y: start < 0 ? [] : y }
    : { x: x.slice(start), y: y.slice(start) };
}

/** Returns an axis range for values that are all equal, such as one point. */
function around([low, high]: [number, number]): Pick<Axis, "range"> {
  const room = Math.abs(low) / 2 || 0.5;
  return low === high ? { range: [low - room, low + room] } : {};
}

/** Returns a text in the middle of a panel without numbers. */
const nothingYet = ([low, high]: readonly [number, number]): Mark => ({
  kind: "text",
  name: "",
  x: [(low + high) / 2],
  y: [0.5],
  text: ["none yet"],
  color: "#888",
});

/** Returns the default smoothing, whose memory is at most a tenth of the curve. */
const usual = ({ x }: Curve) => Math.max(0, Math.min(0.8, 1 - 10 / x.length));
