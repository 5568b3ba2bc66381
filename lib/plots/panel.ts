interface Series {
  /** For the legend and the label under the mouse; empty for none. */
  name: string;
  /** Left out of the legend. */
  unlisted?: boolean;
  /** A NaN is a gap in a line. */
  x: ArrayLike<number>;
  y: ArrayLike<number>;
  /** CSS color. Default: the next of the palette. */
  color?: string;
}

/** What is drawn in a panel. */
export type Mark =
  /** `faint` stands behind what was made of it, such as a smoothed curve. */
  | ({ kind: "line"; faint?: boolean; dash?: boolean } & Series)
  | ({ kind: "points"; symbol?: "circle" | "cross" | "tick" | "star" } & Series)
  /** Words at places. */
  | ({ kind: "text"; text: readonly string[] } & Series)
  /** What lies between two curves, such as a mean ± its standard error; `y` is the lower one. */
  | ({ kind: "band"; to: ArrayLike<number> } & Series)
  | ImageMark;

/** Values as the colors of pixels. */
export interface ImageMark {
  kind: "image";
  /** `[height, width]`, row by row from the top; a NaN is left blank. */
  values: ArrayLike<number>;
  width: number;
  height: number;
  /** Values drawn at the ends of the color scale. Default: the extremes. */
  range?: [number, number];
  /** `diverging` for values around 0. */
  palette: "gray" | "diverging";
  /** Data coordinates of the first pixel's centre (x, y). Default [0, 0]. */
  origin?: [number, number];
}

/** One of a panel's two axes. */
export interface Axis {
  /** With the unit, such as `time (s)`. */
  label: string;
  /** Logarithmic. Default: linear. */
  log?: boolean;
  /** Grows downwards, as the rows of an image do. */
  reverse?: boolean;
  /** From the lowest to the highest that is shown. Default: what the marks span. */
  range?: readonly [number, number];
}

/** One plot of a figure. */
export interface Panel {
  /** Above it. Default: none. */
  title?: string;
  x: Axis;
  y: Axis;
  /** One unit is as long on both axes. */
  equal?: boolean;
  /** Without axes: the picture says it all. */
  bare?: boolean;
  /** Drawn one over the other, the last on top. */
  marks: Mark[];
}

/** How the panels of a figure stand. */
export interface Arrangement {
  /** Panels in a row. Default: all of up to three, else two. */
  columns?: number;
  /** Of one panel, in pixels. Default: what fits a notebook's output. */
  width?: number;
  height?: number;
}

export const PALETTE = [
  ...["#1f77b4", "#d95f02", "#2a9d5c", "#9467bd", "#c03a5b"],
  ...["#7f7f7f", "#8c564b", "#17a2b8", "#a6a61d", "#e377c2"],
];

/** The look of the i-th series of a panel: its own color, and beyond the palette dashed lines of the same colors. */
export function seriesStyle(i: number): { color: string; dash?: boolean } {
  const color = PALETTE[i % PALETTE.length]!;
  return Math.floor(i / PALETTE.length) % 2 === 1 ? { color, dash: true } : { color };
}

/** Whether the legend lists a mark: a panel with one series is explained by its title. */
export function isNamed(marks: readonly Mark[], mark: Mark): boolean {
  return isListed(mark) && marks.filter(isListed).length > 1;
}

const isListed = (mark: Mark) => "name" in mark && mark.name !== "" && !mark.unlisted;

/** From the lowest to the highest of the values that are numbers. */
export function extremes(values: ArrayLike<number>): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    if (values[i]! < low) low = values[i]!;
    if (values[i]! > high) high = values[i]!;
  }
  return [low, high];
}
