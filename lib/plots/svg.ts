import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { Html, html } from "../base/jupyter/table";
import { shorten } from "../base/terminal/fit-line";
import { thinned } from "./bounded-curve";
import { imageUri } from "./image";
import { LEGEND_ROW, layOut, type Placement } from "./layout";
import { type Arrangement, type Axis, type ImageMark, type Mark, PALETTE, type Panel } from "./panel";

/** The maximum number of sections of a line, each drawn by its minimum and maximum: about one for each pixel of a panel's width. */
const LINE_BUCKETS = 400;

/** The width of a character of a title in pixels. */
const TITLE_CHARACTER = 6.6;

/** The distance from a panel's plot area down to the axis label; the legend is below it. */
const LABEL = 34;

/** Converts panels to one standalone SVG. */
export function toSvg(panels: readonly Panel[], arrangement: Arrangement = {}): string {
  const { places, width, height } = layOut(panels, arrangement);
  const drawn = panels.map((panel, i) => {
    const { left, top, width } = places[i]!;
    const svg = draw(panel, places[i]!);
    svg.setAttribute("x", String(left));
    svg.setAttribute("y", String(top));
    const title = html`<text x="${left + width / 2}" y="${top + 18}" text-anchor="middle" font-size="13">${shorten(panel.title ?? "", Math.floor(width / TITLE_CHARACTER))}</text>`;
    return [title, new Html(svg.outerHTML), ...legend(places[i]!)];
  });
  const svg = html`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" style="max-width: 100%; height: auto" font-family="system-ui, sans-serif" color="#222" fill="#222"><rect width="${width}" height="${height}" fill="#fff"/>${drawn}</svg>`;
  return String(svg);
}

/** The used part of the elements that Observable Plot creates; the browser's types are not available here. */
interface Drawn {
  setAttribute(name: string, value: string): void;
  outerHTML: string;
}

function draw({ x, y, bare, marks }: Panel, { width, height, margin, span }: Placement): Drawn {
  const { document } = parseHTML("<html></html>");
  return Plot.plot({
    document,
    width,
    height,
    marginTop: margin.top,
    marginRight: margin.right,
    marginBottom: margin.bottom,
    marginLeft: margin.left,
    ...(bare ? { axis: null } : {}),
    x: {
      ...scale(x),
      labelOffset: LABEL,
      ...(span ? { domain: x.reverse ? span.x.toReversed() : span.x, reverse: false } : {}),
    },
    y: { ...scale(y), ...(span ? { domain: y.reverse ? span.y.toReversed() : span.y, reverse: false } : {}) },
    style: { background: "none", overflow: "visible" },
    marks: marks.flatMap((mark, i) => toMarks(mark, i)),
  });
}

const scale = ({
  label,
  log,
  reverse,
  range,
}: Axis): Plot.ScaleOptions & { labelAnchor: "center"; labelArrow: "none" } => ({
  label,
  labelAnchor: "center",
  labelArrow: "none",
  ...(log ? { type: "log" as const } : {}),
  ...(reverse ? { reverse: true } : {}),
  ...(range ? { domain: range } : {}),
  tickFormat: log ? "~g" : undefined,
});

function toMarks(mark: Mark, index: number): Plot.Markish[] {
  if (mark.kind === "image") return pixels(mark);
  const stroke = mark.color ?? PALETTE[index % PALETTE.length]!;
  const { x, y } = mark.kind === "line" ? thinned(mark.x, mark.y, LINE_BUCKETS) : mark;
  const points = Array.from(x, (x, i) => [x, y[i]!] as [number, number]);
  const at = { x: "0", y: "1" };
  switch (mark.kind) {
    case "line": {
      const style = { strokeOpacity: mark.faint ? 0.25 : 1, strokeDasharray: mark.dash ? "4 3" : "none" };
      return [Plot.lineY(points, { ...at, stroke, strokeWidth: mark.faint ? 1 : 1.5, ...style })];
    }
    case "band": {
      const rows = points.map(([x, low], i) => ({ x, low, high: mark.to[i]! }));
      return [Plot.areaY(rows, { x: "x", y1: "low", y2: "high", fill: stroke, fillOpacity: 0.2 })];
    }
    case "text":
      return [Plot.text(points, { ...at, text: (_, i) => mark.text[i]!, fill: stroke, fontSize: 10 })];
    case "points": {
      if (mark.symbol === "tick") return [Plot.dot(points, { ...at, fill: stroke, r: 1.1 })];
      if (mark.symbol === "star") return [Plot.dot(points, { ...at, fill: stroke, symbol: "star", r: 6 })];
      const symbol = mark.symbol === "cross" ? "times" : "circle";
      return [Plot.dot(points, { ...at, stroke, symbol, r: 4, strokeWidth: 1.5 })];
    }
  }
}

/** Draws an image between the outer edges of its first and last pixel. */
function pixels(mark: ImageMark): Plot.Markish[] {
  const { width, height, origin = [0, 0] } = mark;
  const [x1, y1] = [origin[0] - 0.5, origin[1] - 0.5];
  const [x2, y2] = [x1 + width, y1 + height];
  const picture: Plot.RenderFunction = (_index, { scales }, _values, _dimensions, context) => {
    const place = (axis: "x" | "y", value: number) => Number(scales[axis]!.apply(value));
    const [left, right, top, bottom] = [place("x", x1), place("x", x2), place("y", y1), place("y", y2)];
    const image = context.document.createElementNS("http://www.w3.org/2000/svg", "image");
    const box = { x: left, y: Math.min(top, bottom), width: right - left, height: Math.abs(bottom - top) };
    for (const [name, value] of Object.entries(box)) image.setAttribute(name, String(value));
    image.setAttribute("preserveAspectRatio", "none");
    image.setAttribute("image-rendering", "pixelated");
    image.setAttribute("href", imageUri(mark));
    return image as never;
  };
  // An invisible rectangle makes the scales include the image.
  return [Plot.rect([0], { x1: [x1], x2: [x2], y1: [y1], y2: [y2], fill: "none" }), picture];
}

/** The distance from the left end of an entry to its name. */
const NAME = 14;

function legend({ left, margin, legend: rows, legendTop }: Placement): Html[] {
  return rows.flatMap((row, i) =>
    row.map(({ name, color, x: offset }) => {
      const [x, y] = [left + margin.left + offset, legendTop + LEGEND_ROW * i];
      const swatch = html`<rect x="${x}" y="${y}" width="10" height="10" fill="${color}"/>`;
      return html`${swatch}<text x="${x + NAME}" y="${y + 9}" font-size="11">${name}</text>`;
    }),
  );
}
