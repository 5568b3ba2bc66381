import { Figure } from "./figure";
import { greatest, tileSheet } from "./image";
import type { Panel } from "./panel";

/** The z-maps of one unit. */
export interface ZMapView {
  session: string;
  cid: number;
  height: number;
  width: number;
  /** The milliseconds before the spike, and the values `[height, width]`. */
  sta: { ms: number; values: ArrayLike<number> };
  ste: { ms: number; values: ArrayLike<number> };
}

/** The blank space between tiles, as a share of a tile. */
const GAP = 0.12;

/**
 * Draws z-maps, those of the spike-triggered average above those of the energy, with a color scale for each map and a panel for each
 * session.
 */
export function zMapsFigure(units: readonly ZMapView[]): Figure {
  const sessions = [...new Set(units.map(({ session }) => session))];
  const panels = sessions.map((session): Panel => {
    const own = units.filter((unit) => unit.session === session);
    const { height, width } = own[0]!;
    const gap = Math.max(1, Math.round(GAP * width));
    const maps = [...own.map(({ sta }) => sta), ...own.map(({ ste }) => ste)];
    const tiles = maps.map(({ values }) => values);
    const { image, corners } = tileSheet(tiles, { height, width, columns: own.length, gap });
    const centres = corners.slice(0, own.length).map(({ x }) => x + (width - 1) / 2);
    const line = height * 0.13;
    const label = ({ ms, values }: ZMapView["sta"]) =>
      `${ms.toFixed(0)} ms, |z| ≤ ${greatest(values).toFixed(1)}`;
    const text = (row: number, texts: string[], color: string) =>
      ({
        kind: "text",
        name: "",
        color,
        x: centres,
        y: own.map(() => -(row - 0.1) * line),
        text: texts,
      }) as const;
    return {
      title: `${session}: average above, energy below`,
      x: { label: "" },
      y: { label: "", reverse: true },
      equal: true,
      bare: true,
      marks: [
        image,
        text(
          3,
          own.map(({ cid }) => `unit ${cid}`),
          "#222",
        ),
        text(
          2,
          own.map(({ sta }) => label(sta)),
          "#777",
        ),
        text(
          1,
          own.map(({ ste }) => label(ste)),
          "#777",
        ),
      ],
    };
  });
  return new Figure(panels, `z-maps of ${units.length} units`, { columns: 1, width: 670 });
}
