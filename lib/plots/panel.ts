/** The properties that all series of a panel share. */
export interface Series {
  /** The name for the legend and the hover label; empty for none. */
  name: string;
  /** Whether the series is omitted from the legend. */
  unlisted?: boolean;
  /** The x values; NaN makes a gap in a line. */
  x: ArrayLike<number>;
  y: ArrayLike<number>;
  /** The CSS color. Default: the next color of the palette. */
  color?: string;
}

/** An element drawn in a panel. */
export type Mark =
  /** A line. `faint` marks raw data behind a derived line, such as a smoothed curve. */
  | ({ kind: "line"; faint?: boolean; dash?: boolean } & Series)
  | ({ kind: "points"; symbol?: "circle" | "cross" | "tick" | "star" } & Series)
  /** Texts at positions. */
  | ({ kind: "text"; text: readonly string[] } & Series)
  /** The area between two curves, such as a mean ± its standard error; `y` is the lower one. */
  | ({ kind: "band"; to: ArrayLike<number> } & Series)
  | ImageMark;

/** An image whose values determine the colors of pixels. */
export interface ImageMark {
  kind: "image";
  /** `[height, width]`, row by row from the top; NaN is left blank. */
  values: ArrayLike<number>;
  width: number;
  height: number;
  /** The values at the ends of the color scale. Default: the extremes. */
  range?: [number, number];
  /** The color palette; use `diverging` for values around 0. */
  palette: "gray" | "diverging";
  /** The data coordinates of the first pixel's centre (x, y). Default [0, 0]. */
  origin?: [number, number];
}

/** One of a panel's two axes. */
export interface Axis {
  /** The label with the unit, such as `time (s)`. */
  label: string;
  /** Whether the axis is logarithmic. Default: linear. */
  log?: boolean;
  /** Whether values increase downwards, like the rows of an image. */
  reverse?: boolean;
  /** The lowest and the highest shown value. Default: the range of the marks. */
  range?: readonly [number, number];
}

/** One plot of a figure. */
export interface Panel {
  /** The title above the panel. Default: none. */
  title?: string;
  x: Axis;
  y: Axis;
  /** Whether both axes have the same scale. */
  equal?: boolean;
  /** Whether the panel has no axes. */
  bare?: boolean;
  /** The marks in drawing order; the last is on top. */
  marks: Mark[];
}

/** The arrangement of a figure's panels. */
export interface Arrangement {
  /** The number of panels in a row. Default: all if there are at most three, else two. */
  columns?: number;
  /** The width of one panel in pixels. Default: fits a notebook's output. */
  width?: number;
  height?: number;
}

/** The colors of series, in order. */
export const PALETTE = [
  "#1f77b4",
  "#d95f02",
  "#2a9d5c",
  "#9467bd",
  "#c03a5b",
  "#7f7f7f",
  "#8c564b",
  "#17a2b8",
  "#a6a61d",
  "#e377c2",
];

/** Returns the style of the i-th series of a panel: a color of the palette; beyond its length, dashed lines repeat the colors. */
export function seriesStyle(i: number): { color: string; dash?: boolean } {
  const color = PALETTE[i % PALETTE.length]!;
  return Math.floor(i / PALETTE.length) % 2 === 1 ? { color, dash: true } : { color };
}

/** Whether the legend lists a mark: a panel with one series is explained by its title. */
export function isNamed(marks: readonly Mark[], mark: Mark): boolean {
  return isListed(mark) && marks.filter(isListed).length > 1;
}

const isListed = (mark: Mark) => "name" in mark && mark.name !== "" && !mark.unlisted;
