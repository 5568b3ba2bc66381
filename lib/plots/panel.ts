interface Series {
  /** For the legend; empty for none. */
  name: string;
  /** A NaN is a gap in a line. */
  x: ArrayLike<number>;
  y: ArrayLike<number>;
  /** CSS color. Default: the next of the palette. */
  color?: string;
}

/** What is drawn in a panel. */
export type Mark =
  | ({ kind: "line" } & Series)
  | ({ kind: "points"; symbol?: "circle" | "cross" | "tick" } & Series)
  | {
      kind: "image";
      /** `[height, width]`, row by row from the top. */
      values: ArrayLike<number>;
      width: number;
      height: number;
      /** Values drawn at the ends of the color scale. Default: the extremes. */
      range?: [number, number];
      palette: "gray" | "diverging";
      /** Data coordinates of the first pixel's centre (x, y). Default [0, 0]. */
      origin?: [number, number];
    };

export interface Axis {
  label: string;
  log?: boolean;
  /** Grows downwards, as the rows of an image do. */
  reverse?: boolean;
}

export interface Panel {
  title?: string;
  x: Axis;
  y: Axis;
  /** One unit is as long on both axes. */
  equal?: boolean;
  marks: Mark[];
}

export const PALETTE = ["#1f77b4", "#d95f02", "#2a9d5c", "#9467bd", "#c03a5b", "#7f7f7f"];

/** Whether the legend lists a mark: a panel with one series is explained by its title. */
export function isNamed(marks: readonly Mark[], mark: Mark): boolean {
  return (
    "name" in mark &&
    mark.name !== "" &&
    marks.filter((other) => "name" in other && other.name !== "").length > 1
  );
}
