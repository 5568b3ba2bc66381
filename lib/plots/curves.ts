import { extremes } from "../base/dsp/extremes";
import type { TrainerEvent } from "../protocols/events";
import { BoundedCurve, type Curve } from "./bounded-curve";
import { Figure } from "./figure";
import { axisOf, isScore, titleOf } from "./metric-words";
import { type Axis, type Mark, type Panel, seriesStyle } from "./panel";
import { smooth } from "./smooth";

/** The kinds of events without curves: they report an occurrence, not progress. */
const NO_CURVES = new Set(["fit_start", "fit_end", "checkpoint", "warning", "picture", "histogram"]);
/** The keys of an event that locate it in the run. */
const PLACES = new Set(["event", "time", "epoch", "step"]);

/**
 * Returns the names and numbers of an event that form curves. A validation's numbers about the epoch's training get a suffix, as in
 * Lightning, to distinguish them from those of the steps.
 */
export function numbersOf(event: object): [string, number][] {
  const { event: kind } = event as { event: string };
  const numbers: [string, number][] = [];
  if (NO_CURVES.has(kind)) return numbers;
  for (const name of Object.keys(event)) {
    const value: unknown = event[name as keyof typeof event];
    if (typeof value !== "number" || PLACES.has(name)) continue;
    numbers.push([kind === "validation" && name.startsWith("train_") ? `${name}_epoch` : name, value]);
  }
  return numbers;
}

/**
 * Collects the curves of a run from its events. A curve of more than 4096 points is reduced to the minimum and maximum of each section
 * (see `BoundedCurve`), so that a run of any length needs bounded memory.
 */
export class Curves {
  /** The curves reported during an epoch, such as the training loss and the learning rate. */
  readonly training = new Map<string, BoundedCurve>();
  /** The curves with one point for each validation or evaluation. */
  readonly validation = new Map<string, BoundedCurve>();
  private first: number | undefined;
  private last = 0;

  constructor(events: Iterable<TrainerEvent> = []) {
    for (const event of events) this.add(event);
  }

  /** Adds the numbers of an event in constant time. */
  add(event: TrainerEvent): void {
    if (!("step" in event) || typeof event.step !== "number") return;
    const curves = event.event === "step" ? this.training : this.validation;
    for (const [name, value] of numbersOf(event)) {
      let curve = curves.get(name);
      if (!curve) {
        curve = new BoundedCurve();
        curves.set(name, curve);
      }
      curve.add(event.step, value);
      this.first ??= event.step;
      this.last = event.step;
    }
  }

  /** Returns the points of a curve; for a long one, the extremes of each section. */
  get(name: string): Curve | undefined {
    return this.find(name)?.drawn();
  }

  /** Returns the curve of a metric, of the training or of the validations. */
  find(name: string): BoundedCurve | undefined {
    return this.training.get(name) ?? this.validation.get(name);
  }

  /** The first step of any curve and the last one; undefined without curves. */
  get steps(): [number, number] | undefined {
    return this.first === undefined ? undefined : [this.first, this.last];
  }
}

/** Whether a metric is better when it is lower, by its name. */
export const lowerIsBetter = (metric: string): boolean => /loss|error|mse|nll|perplexity/i.test(metric);

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

/** A curve with at most this many points shows them as markers. */
const FEW = 40;

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
  { smoothing, log = false, last }: CurvesOptions = {},
): Figure {
  const words: string[] = [];
  const range = stepsOf(curves, last);
  const drawn = panels.map((given): Panel => {
    const metrics =
      typeof given === "string" ? [given] : "metrics" in given ? given.metrics : (given as readonly string[]);
    const parts = metrics.filter((metric) => metric.includes("/")).length;
    const grey = parts > COLORED_PARTS ? `, ${parts} parts in grey` : "";
    const title = (typeof given === "object" && "title" in given ? given.title : titleOf(metrics)) + grey;
    const judged = metrics.find(
      (metric) => isScore(metric) && !metric.startsWith("reg_loss/") && curves.validation.has(metric),
    );
    const x = { label: "optimizer step", range };
    const found = metrics.map((metric) => ({ metric, curve: from(range, curves.get(metric)) }));
    const values = found.flatMap(({ curve }) => curve.y);
    const withTraining = metrics.some((metric) => curves.training.has(metric));
    const marks = found.flatMap(({ metric, curve }, i): Mark[] => {
      const best = metric === judged ? bestOf(metric, curve) : undefined;
      words.push(wordsOf(metric, curve, best));
      const style = grey && metric.includes("/") ? GREY : seriesStyle(i);
      // Beside training curves, a part of a metric such as `val_loss/<session>` keeps its whole name; else its session is enough.
      const label = withTraining ? metric : metric.slice(metric.lastIndexOf("/") + 1);
      if (!curves.training.has(metric)) return validationMarks(metric, label, curve, best, style);
      const means = from(range, curves.training.get(metric)!.means());
      // The learning rate is not noisy and needs no smoothing.
      return trainingMarks(metric, curve, means, metric === "lr" ? 0 : (smoothing ?? usual(means)), style);
    });
    if (values.length === 0) return { title, x, y: { label: "", range: [0, 1] }, marks: [nothingYet(range)] };
    const wanted = log === true || (Array.isArray(log) && metrics.some((metric) => log.includes(metric)));
    const positive = values.every((y) => Number.isNaN(y) || y > 0);
    const y = {
      label: axisOf(metrics),
      ...(wanted && positive ? { log: true } : {}),
      ...around(extremes(values)),
    };
    return { title, x, y, marks };
  });
  return new Figure(drawn, words.join(", "));
}

/** The style of a curve. */
interface Style {
  color: string;
  dash?: boolean;
  /** Whether the curve has no markers and no legend entry. */
  plain?: boolean;
}

/** The style of one of many parts. */
const GREY: Style = { color: "#aaa", plain: true };

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

const BEST = "#e0a100";

function trainingMarks(
  name: string,
  raw: Curve,
  means: Curve,
  smoothing: number,
  { plain: _, ...style }: Style,
): Mark[] {
  if (smoothing === 0) return [{ kind: "line", name, ...style, ...raw }];
  const smoothed = { x: means.x, y: smooth(means.y, smoothing) };
  return [
    { kind: "line", name: "", faint: true, ...style, ...raw },
    { kind: "line", name, ...style, ...smoothed },
  ];
}

function validationMarks(
  name: string,
  label: string,
  { x, y }: Curve,
  best: number | undefined,
  { plain, ...style }: Style,
): Mark[] {
  const marks: Mark[] = [{ kind: "line", name: label, x, y, ...style, ...(plain ? { unlisted: true } : {}) }];
  if (x.length <= FEW && !plain) marks.push({ kind: "points", name: "", x, y, color: style.color });
  if (best !== undefined) {
    const star = `best ${name} ${short(y[best]!)}`;
    marks.push({ kind: "points", symbol: "star", name: star, x: [x[best]!], y: [y[best]!], color: BEST });
  }
  return marks;
}

/** Returns the index of the best value; undefined for a curve without numbers. */
function bestOf(metric: string, { y }: Curve): number | undefined {
  const sign = lowerIsBetter(metric) ? -1 : 1;
  let best: number | undefined;
  y.forEach((value, i) => {
    if (Number.isFinite(value) && (best === undefined || sign * value > sign * y[best]!)) best = i;
  });
  return best;
}

function wordsOf(metric: string, { x, y }: Curve, best: number | undefined): string {
  const last = `${metric} ${y.length > 0 ? short(y.at(-1)!) : "none yet"}`;
  return best === undefined || best === y.length - 1
    ? last
    : `${last} (best ${short(y[best]!)} at step ${x[best]})`;
}

const short = (value: number) => value.toFixed(4);
