import { Figure } from "./figure";
import { type Mark, PALETTE, type Panel } from "./panel";

/** The readout masks of the units of one session. */
export interface MasksView {
  title: string;
  height: number;
  width: number;
  /** A frame of the stimulus, `[height, width]`. */
  image: ArrayLike<number>;
  /** The values drawn in black and in white. Default 0 and 255. */
  range?: readonly [number, number];
  /**
   * The closed outline of each unit at one standard deviation from its position, in rows and columns of the stimulus
   * from 0.
   */
  outlines: readonly { y: readonly number[]; x: readonly number[] }[];
  /** The true centres of receptive fields, if known. */
  truth?: readonly { y: number; x: number }[];
}

/** Draws readout masks on the image, with a panel for each session. */
export function masksFigure(sessions: readonly MasksView[]): Figure {
  const panels = sessions.map(
    ({ title, height, width, image, range = [0, 255], outlines, truth = [] }, i): Panel => {
      const inLegend = (name: string) => (i === 0 ? name : "");
      // One line with gaps draws all units at once; separate colors would add no information.
      const gap = Number.NaN;
      const marks: Mark[] = [
        { kind: "image", palette: "gray", values: image, width, height, range: [...range] },
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
    },
  );
  const units = sessions.reduce((sum, { outlines }) => sum + outlines.length, 0);
  return new Figure(panels, `readout masks of ${units} units`, { columns: 3 });
}
