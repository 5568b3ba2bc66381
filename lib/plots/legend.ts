import { shorten } from "../base/terminal/fit-line";
import { isNamed, type Mark, PALETTE } from "./panel";

/** An entry of a panel's legend. */
export interface LegendEntry {
  /** The index of the mark in its panel. */
  mark: number;
  /** The mark's name, shortened to the width of the panel. */
  name: string;
  color: string;
  /** The distance from the left end of the legend in pixels. */
  x: number;
}

/** The width in pixels of an entry without its name, and of a character of the name at a font size of 11 pixels. */
const [SWATCH, CHARACTER] = [46, 6.2];

/** The height of a row in pixels. */
export const LEGEND_ROW = 18;

/** Returns the legend of a panel in rows that fit its width; no rows if the panel has one series, which the title explains. */
export function legendRows(marks: readonly Mark[], width: number): LegendEntry[][] {
  const most = Math.max(4, Math.floor((width - SWATCH) / CHARACTER));
  const rows: LegendEntry[][] = [];
  let end = Number.POSITIVE_INFINITY;
  marks.forEach((mark, i) => {
    if (mark.kind === "image" || !isNamed(marks, mark)) return;
    const name = shorten(mark.name, most);
    const size = SWATCH + CHARACTER * name.length;
    if (end + size > width) {
      rows.push([]);
      end = 0;
    }
    rows.at(-1)!.push({ mark: i, name, color: mark.color ?? PALETTE[i % PALETTE.length]!, x: end });
    end += size;
  });
  return rows;
}
