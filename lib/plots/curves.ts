import type { TrainerEvent } from "../trainer/events";
import { Figure } from "./figure";
import { type Axis, extremes, type Mark, PALETTE, type Panel } from "./panel";
import { smooth } from "./smooth";

/** Numbers of one name over a run. */
export interface Curve {
  /** Optimizer steps. */
  x: number[];
  y: number[];
}

/** Events that say what happened rather than how far the run is. */
const NO_CURVES = ["fit_start", "fit_end", "checkpoint", "warning", "picture", "histogram"];
/** What says when. */
const PLACES = ["event", "time", "epoch", "step"];

/**
 * The numbers of an event that make curves, by name. What a validation says of the epoch's training has a name of its own
 * (Lightning's), since the steps have theirs.
 */
export function numbersOf(event: object): [string, number][] {
  const { event: kind } = event as { event: string };
  if (NO_CURVES.includes(kind)) return [];
  const numbers = Object.entries(event).filter(
    (entry): entry is [string, number] => typeof entry[1] === "number" && !PLACES.includes(entry[0]),
  );
  if (kind !== "validation") return numbers;
  return numbers.map(([name, value]) => [name.startsWith("train_") ? `${name}_epoch` : name, value]);
}

/** Collects the curves of a run from its events. */
export class Curves {
  /** Reported while an epoch goes on: the training loss, the learning rate. */
  readonly training = new Map<string, Curve>();
  /** One point for each validation or evaluation. */
  readonly validation = new Map<string, Curve>();

  constructor(events: Iterable<TrainerEvent> = []) {
    for (const event of events) this.add(event);
  }

  add(event: TrainerEvent): void {
    if (!("step" in event) || typeof event.step !== "number") return;
    const curves = event.event === "step" ? this.training : this.validation;
    for (const [name, value] of numbersOf(event)) {
      const curve = curves.get(name) ?? { x: [], y: [] };
      curves.set(name, curve);
      curve.x.push(event.step);
      curve.y.push(value);
    }
  }

  get(name: string): Curve | undefined {
    return this.training.get(name) ?? this.validation.get(name);
  }
}

/** Whether a metric is better when it is lower, by its name. */
export const lowerIsBetter = (metric: string): boolean => /loss|error|mse|nll|perplexity/i.test(metric);

/** How curves are drawn. */
export interface CurvesOptions {
  /**
   * Weight of the past in the smoothed training curves, as TensorBoard's slider: 0 is none. Default 0.8, less for a curve of fewer
   * than fifty points, which it would drag behind.
   */
  smoothing?: number;
  /** Draw on a logarithmic axis: all of them, or those named. Default: none. A curve that is not positive is never. */
  log?: boolean | readonly string[];
}

/** A metric of its own, or several in one panel, the first of which has its best marked. */
export type CurvesPanel = string | readonly string[] | { title: string; metrics: readonly string[] };

/** A curve with so many points or fewer shows them. */
const FEW = 40;

/**
 * Curves of a run: training curves smoothed, with the raw ones faint behind them, and of a panel's first validation metric the
 * best marked.
 *
 * @param panels metrics of each panel, such as `["train_loss", "val_loss"]`
 */
export function curvesFigure(
  curves: Curves,
  panels: readonly CurvesPanel[],
  { smoothing, log = false }: CurvesOptions = {},
): Figure {
  const words: string[] = [];
  const range = stepsOf(curves);
  const drawn = panels.map((given): Panel => {
    const metrics =
      typeof given === "string" ? [given] : "metrics" in given ? given.metrics : (given as readonly string[]);
    const title = typeof given === "object" && "title" in given ? given.title : metrics.join(", ");
    const judged = metrics.find((metric) => curves.validation.has(metric));
    const marks = metrics.flatMap((metric, i): Mark[] => {
      const color = PALETTE[i % PALETTE.length]!;
      const curve = curves.get(metric) ?? { x: [], y: [] };
      const best = metric === judged ? bestOf(metric, curve) : undefined;
      words.push(wordsOf(metric, curve, best));
      return curves.training.has(metric)
        ? // The learning rate is set, not measured.
          trainingMarks(metric, curve, metric === "lr" ? 0 : (smoothing ?? usual(curve)), color)
        : validationMarks(metric, curve, best, color);
    });
    const wanted = log === true || (Array.isArray(log) && metrics.some((metric) => log.includes(metric)));
    const positive = metrics.every((metric) => curves.get(metric)?.y.every((y) => y > 0) ?? true);
    const x = { label: "step", range };
    const values = metrics.flatMap((metric) => curves.get(metric)?.y ?? []);
    if (values.length === 0) return { title, x, y: { label: "", range: [0, 1] }, marks: [nothingYet(range)] };
    const y = {
      label: metrics.length > 1 ? "" : title,
      ...(wanted && positive ? { log: true } : {}),
      ...around(extremes(values)),
    };
    return { title, x, y, marks };
  });
  return new Figure(drawn, words.join(", "));
}

/** From the first step of any curve to the last: the same step is at the same place in all panels. */
function stepsOf({ training, validation }: Curves): [number, number] {
  const [low, high] = extremes([...training.values(), ...validation.values()].flatMap(({ x }) => x));
  if (high > low) return [low, high];
  return low === high ? [low - 1, low + 1] : [0, 1];
}

/** An axis for what is all the same value, such as one point: it has no span of its own. */
function around([low, high]: [number, number]): Pick<Axis, "range"> {
  const room = Math.abs(low) / 2 || 0.5;
  return low === high ? { range: [low - room, low + room] } : {};
}

/** In the middle of a panel that waits for its first numbers. */
const nothingYet = ([low, high]: readonly [number, number]): Mark => ({
  kind: "text",
  name: "",
  x: [(low + high) / 2],
  y: [0.5],
  text: ["none yet"],
  color: "#888",
});

/** At most a tenth of the curve is looked back upon. */
const usual = ({ x }: Curve) => Math.max(0, Math.min(0.8, 1 - 10 / x.length));

const BEST = "#e0a100";

function trainingMarks(name: string, { x, y }: Curve, smoothing: number, color: string): Mark[] {
  const line: Mark = { kind: "line", name, x, y: smoothing > 0 ? smooth(y, smoothing) : y, color };
  return smoothing > 0 ? [{ kind: "line", name: "", faint: true, x, y, color }, line] : [line];
}

function validationMarks(name: string, { x, y }: Curve, best: number | undefined, color: string): Mark[] {
  // A part of a metric, such as `val_bps/<session>`, is known by what it is of.
  const part = name.slice(name.lastIndexOf("/") + 1);
  const marks: Mark[] = [{ kind: "line", name: part, x, y, color }];
  if (x.length <= FEW) marks.push({ kind: "points", name: "", x, y, color });
  if (best !== undefined) {
    const label = `best ${name} ${short(y[best]!)}`;
    marks.push({ kind: "points", symbol: "star", name: label, x: [x[best]!], y: [y[best]!], color: BEST });
  }
  return marks;
}

/** The index of the best value; undefined for a curve without numbers. */
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
