import { Figure } from "./figure";
import { type Mark, PALETTE, type Panel } from "./panel";

/** What the units of one session look at. */
export interface MasksView {
  title: string;
  height: number;
  width: number;
  /** A frame of the stimulus, `[height, width]`. */
  image: ArrayLike<number>;
  /** Of each unit: a closed line one standard deviation from its place, rows and columns of the stimulus from 0. */
  outlines: readonly { y: readonly number[]; x: readonly number[] }[];
  /** The true centres of receptive fields, where they are known. */
  truth?: readonly { y: number; x: number }[];
}

/** Readout masks on the image, a panel for each session. */
export function masksFigure(sessions: readonly MasksView[]): Figure {
  const panels = sessions.map(({ title, height, width, image, outlines, truth = [] }, i): Panel => {
    const inLegend = (name: string) => (i === 0 ? name : "");
    // One line with gaps: every unit in the same color says the same as a color each, and draws at once.
    const gap = Number.NaN;
    const marks: Mark[] = [
      { kind: "image", palette: "gray", values: image, width, height, range: [0, 255] },
      {
        kind: "line",
        name: inLegend("mask, 1 sd"),
        color: "#ffb000",
        x: outlines.flatMap(({ x }) => [...x, gap]),
        y: outlines.flatMap(({ y }) => [...y, gap]),
      },
    ];
    if (truth.length > 0)
      marks.push({
        kind: "points",
        symbol: "cross",
        name: inLegend("true centre"),
        color: PALETTE[0]!,
        x: truth.map(({ x }) => x),
        y: truth.map(({ y }) => y),
      });
    return {
      title,
      x: { label: "pixel" },
      y: { label: "pixel", reverse: true },
      equal: true,
      marks,
    };
  });
  const units = sessions.reduce((sum, { outlines }) => sum + outlines.length, 0);
  return new Figure(panels, `readout masks of ${units} units`, { columns: 3 });
}
