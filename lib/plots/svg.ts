import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { Html, html } from "../jupyter";
import { imageUri } from "./image";
import { layOut, type Place } from "./layout";
import {
  type Arrangement,
  type Axis,
  type ImageMark,
  isNamed,
  type Mark,
  PALETTE,
  type Panel,
} from "./panel";

/** At most so many points a line: more cannot be seen, and a live plot is sent again and again. */
const LINE_POINTS = 400;

/** From a panel's picture down to the words at its axis; the legend stands below them. */
const LABEL = 34;

/** Panels as one SVG that stands alone. */
export function toSvg(panels: readonly Panel[], arrangement: Arrangement = {}): string {
  const { places, width, height } = layOut(panels, arrangement);
  const drawn = panels.map((panel, i) => {
    const { left, top, width, height } = places[i]!;
    const svg = draw(panel, places[i]!);
    svg.setAttribute("x", String(left));
    svg.setAttribute("y", String(top));
    const title = html`<text x="${left + width / 2}" y="${top + 18}" text-anchor="middle" font-size="13">${panel.title ?? ""}</text>`;
    return [title, new Html(svg.outerHTML), ...legend(panel, left, top + height - 18)];
  });
  const svg = html`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" color="#222" fill="#222"><rect width="${width}" height="${height}" fill="#fff"/>${drawn}</svg>`;
  return String(svg);
}

/** What is used of the elements that Observable Plot makes; the browser's types are not known here. */
interface Drawn {
  setAttribute(name: string, value: string): void;
  outerHTML: string;
}

function draw({ x, y, bare, marks }: Panel, { width, height, margin, span }: Place): Drawn {
  const { document } = parseHTML("<html></html>");
  const named = marks.some((mark) => isNamed(marks, mark));
  return Plot.plot({
    document,
    width,
    height,
    marginTop: margin.top,
    marginRight: margin.right,
    // Without a legend its room is the picture's.
    marginBottom: bare || span || named ? margin.bottom : margin.bottom - 20,
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
  const points = Array.from(mark.x, (x, i) => [x, mark.y[i]!] as [number, number]);
  const at = { x: "0", y: "1" };
  switch (mark.kind) {
    case "line": {
      const style = { strokeOpacity: mark.faint ? 0.25 : 1, strokeDasharray: mark.dash ? "4 3" : "none" };
      return [Plot.lineY(thin(points), { ...at, stroke, strokeWidth: mark.faint ? 1 : 1.5, ...style })];
    }
    case "band": {
      const rows = points.map(([x, low], i) => ({ x, low, high: mark.to[i]! }));
      return [Plot.areaY(thin(rows), { x: "x", y1: "low", y2: "high", fill: stroke, fillOpacity: 0.2 })];
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

/** One picture between the outer edges of its first and last pixel. */
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
  // A rectangle without paint tells the scales where the picture lies.
  return [Plot.rect([0], { x1: [x1], x2: [x2], y1: [y1], y2: [y2], fill: "none" }), picture];
}

function legend({ marks }: Panel, left: number, top: number): Html[] {
  const named = marks.flatMap((mark, i) =>
    mark.kind !== "image" && isNamed(marks, mark) ? [{ ...mark, i }] : [],
  );
  let x = left + 56;
  return named.map(({ name, color: own, i }) => {
    const swatch = html`<rect x="${x}" y="${top}" width="10" height="10" fill="${own ?? PALETTE[i % PALETTE.length]}"/>`;
    const text = html`<text x="${x + 14}" y="${top + 9}" font-size="11">${name}</text>`;
    x += 24 + name.length * 6;
    return html`${swatch}${text}`;
  });
}

/** Every n-th point, and always the last. */
export function thin<T>(points: readonly T[]): readonly T[] {
  const stride = Math.ceil(points.length / LINE_POINTS);
  return stride <= 1 ? points : points.filter((_, i) => i % stride === 0 || i === points.length - 1);
}
