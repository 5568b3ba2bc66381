import { extremes } from "../base/dsp/extremes";
import { shorten } from "../base/terminal/fit-line";
import { type Arrangement, isNamed, type Mark, PALETTE, type Panel } from "./panel";

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
function legendRows(marks: readonly Mark[], width: number): LegendEntry[][] {
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

/** The position of a panel in pixels of the figure. */
export interface Placement {
  left: number;
  top: number;
  width: number;
  height: number;
  /** The margins inside the panel, for axes and title. */
  margin: { top: number; right: number; bottom: number; left: number };
  /** The ranges of the axes; given if both axes have the same unit. */
  span?: { x: [number, number]; y: [number, number] };
  legend: LegendEntry[][];
  /** The top of the legend's first row in pixels of the figure. */
  legendTop: number;
}

/** The width of a figure in pixels. With plotly's buttons beside it, it fits into a notebook's cell of 700 pixels. */
const WIDTH = 670;
/** The width of a figure of one column. */
const SINGLE = 640;

/** The margins for axes and title; the legend's space is added below. */
const AXES = { top: 34, right: 16, bottom: 44, left: 62 };
/** The margins of an image, whose axes have short numbers (pixels). */
const PICTURE = { ...AXES, right: 12, left: 46 };
const BARE = { top: 30, right: 10, bottom: 12, left: 10 };

/** Arranges panels in rows with the width of a notebook's cell. */
export function layOut(
  panels: readonly Panel[],
  { columns: wanted = panels.length > 3 ? 2 : panels.length, width, height = 320 }: Arrangement,
): { places: Placement[]; width: number; height: number } {
  const columns = Math.max(1, Math.min(wanted, panels.length));
  const each = width ?? (columns === 1 ? SINGLE : Math.floor(WIDTH / columns));
  const places: Placement[] = [];
  let top = 0;
  for (let first = 0; first < panels.length; first += columns) {
    const row = panels.slice(first, first + columns);
    const legends = row.map(({ marks, bare, equal }) => {
      const { left, right } = marginOf(bare, equal);
      return legendRows(marks, each - left - right);
    });
    const rows = Math.max(...legends.map(({ length }) => length));
    const placed = row.map((panel, i): Placement => {
      const around = marginOf(panel.bare, panel.equal);
      const margin = { ...around, bottom: around.bottom + LEGEND_ROW * rows };
      const span = panel.equal ? spanOf(panel.marks) : undefined;
      const aspect = span ? (span.y[1] - span.y[0]) / (span.x[1] - span.x[0]) : 0;
      const inner = Math.round((each - margin.left - margin.right) * aspect);
      // A legend of several rows does not reduce the height of the curves.
      const own = span ? inner + margin.top + margin.bottom : height + LEGEND_ROW * Math.max(0, rows - 1);
      const legend = legends[i]!;
      const legendTop = top + own - LEGEND_ROW * rows;
      const place = { left: i * each, top, width: each, height: own, margin, legend, legendTop };
      return span ? { ...place, span } : place;
    });
    places.push(...placed);
    top += Math.max(...placed.map((place) => place.height));
  }
  return { places, width: columns * each, height: top };
}

const marginOf = (bare = false, equal = false) => (bare ? BARE : equal ? PICTURE : AXES);

/** Returns the ranges of marks, with a small margin around points. */
function spanOf(marks: readonly Mark[]): { x: [number, number]; y: [number, number] } {
  const [xs, ys]: [number[], number[]] = [[], []];
  for (const mark of marks) {
    if (mark.kind === "image") {
      const [x, y] = mark.origin ?? [0, 0];
      xs.push(x - 0.5, x + mark.width - 0.5);
      ys.push(y - 0.5, y + mark.height - 0.5);
    } else {
      xs.push(...extremes(mark.x).filter(Number.isFinite));
      ys.push(...extremes(mark.y).filter(Number.isFinite));
    }
  }
  const around = (values: number[]): [number, number] => {
    const [low, high] = extremes(values);
    if (!(high > low)) return [low - 1, high + 1];
    const room = marks.some(({ kind }) => kind === "image") ? 0 : 0.04 * (high - low);
    return [low - room, high + room];
  };
  const [x, y] = [around(xs), around(ys)];
  // Texts are centred on their positions.
  const line = marks.some(({ kind }) => kind === "text") ? 0.04 * (y[1] - y[0]) : 0;
  return { x, y: [y[0] - line, y[1]] };
}
