import type { TrainerEvent } from "../protocols/events";
import { BoundedCurve, type Curve } from "./bounded-curve";

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
