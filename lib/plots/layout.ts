import { type Arrangement, extremes, type Mark, type Panel } from "./panel";

/** Where a panel stands, in pixels of the figure. */
export interface Place {
  left: number;
  top: number;
  width: number;
  height: number;
  /** Around what is drawn, inside the panel: room for axes and title. */
  margin: { top: number; right: number; bottom: number; left: number };
  /** What the axes span, from the lowest to the highest; given where both axes have one unit. */
  span?: { x: [number, number]; y: [number, number] };
}

const AXES = { top: 34, right: 16, bottom: 62, left: 62 };
const BARE = { top: 30, right: 10, bottom: 12, left: 10 };

/** Panels in rows, as wide as a notebook's output. */
export function layOut(
  panels: readonly Panel[],
  { columns: wanted = panels.length > 3 ? 2 : panels.length, width, height = 320 }: Arrangement,
): { places: Place[]; width: number; height: number } {
  const columns = Math.max(1, Math.min(wanted, panels.length));
  const each = width ?? Math.floor(Math.min(900, columns === 1 ? 640 : 440 * columns) / columns);
  const places: Place[] = [];
  let top = 0;
  for (let first = 0; first < panels.length; first += columns) {
    const row = panels.slice(first, first + columns).map((panel, i) => {
      const margin = panel.bare ? BARE : AXES;
      const span = panel.equal ? spanOf(panel.marks) : undefined;
      const aspect = span ? (span.y[1] - span.y[0]) / (span.x[1] - span.x[0]) : 0;
      const inner = (each - margin.left - margin.right) * aspect;
      const own = span ? Math.round(inner) + margin.top + margin.bottom : height;
      return { left: i * each, top, width: each, height: own, margin, ...(span ? { span } : {}) };
    });
    places.push(...row);
    top += Math.max(...row.map((place) => place.height));
  }
  return { places, width: columns * each, height: top };
}

/** What marks reach, with a little room around points. */
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
  // Words stand around their place.
  const line = marks.some(({ kind }) => kind === "text") ? 0.04 * (y[1] - y[0]) : 0;
  return { x, y: [y[0] - line, y[1]] };
}
