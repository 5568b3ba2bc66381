import type { Curve } from "./bounded-curve";
import { lowerIsBetter } from "./metric-words";
import type { Mark } from "./panel";
import { smooth } from "./smooth";

/** A curve with at most this many points shows them as markers. */
const FEW = 40;

/** The style of a curve. */
export interface Style {
  color: string;
  dash?: boolean;
  /** Whether the curve has no markers and no legend entry. */
  plain?: boolean;
}

/** The style of one of many parts. */
export const GREY: Style = { color: "#aaa", plain: true };

const BEST = "#e0a100";

/** Returns the marks of a training curve: the smoothed one over the raw one. */
export function trainingMarks(
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

/** Returns the marks of a validation curve, with a star at the best value. */
export function validationMarks(
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
export function bestOf(metric: string, { y }: Curve): number | undefined {
  const sign = lowerIsBetter(metric) ? -1 : 1;
  let best: number | undefined;
  y.forEach((value, i) => {
    if (Number.isFinite(value) && (best === undefined || sign * value > sign * y[best]!)) best = i;
  });
  return best;
}

/** Returns the last value of a curve, and the best one if it is another, in words. */
export function wordsOf(metric: string, { x, y }: Curve, best: number | undefined): string {
  const last = `${metric} ${y.length > 0 ? short(y.at(-1)!) : "none yet"}`;
  return best === undefined || best === y.length - 1
    ? last
    : `${last} (best ${short(y[best]!)} at step ${x[best]})`;
}

const short = (value: number) => value.toFixed(4);
