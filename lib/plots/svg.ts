import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { escapeHtml } from "../jupyter";
import { type Axis, isNamed, type Mark, PALETTE, type Panel } from "./panel";

const HEIGHT = 260;
/** At most so many points a line: more cannot be seen, and a live plot is sent again and again. */
const LINE_POINTS = 400;

/** Panels side by side as one SVG that stands alone. */
export function toSvg(panels: readonly Panel[]): string {
  const panelWidth = panels.length === 1 && !panels[0]!.equal ? 600 : 360;
  const drawn = panels.map((panel, i) => {
    const svg = draw(panel, panelWidth);
    svg.setAttribute("x", String(i * panelWidth));
    svg.setAttribute("y", "22");
    const title = `<text x="${i * panelWidth + panelWidth / 2}" y="16" text-anchor="middle" font-size="13">${escapeHtml(panel.title ?? "")}</text>`;
    return title + svg.outerHTML + legend(panel, i * panelWidth);
  });
  const [width, height] = [panels.length * panelWidth, HEIGHT + 42];
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ` +
    `font-family="system-ui, sans-serif" color="#222" fill="#222"><rect width="${width}" height="${height}" fill="#fff"/>` +
    `${drawn.join("")}</svg>`
  );
}

/** What is used of the element that Observable Plot makes; the browser's types are not known here. */
interface Drawn {
  setAttribute(name: string, value: string): void;
  outerHTML: string;
}

function draw({ x, y, equal, marks }: Panel, width: number): Drawn {
  const { document } = parseHTML("<html></html>");
  return Plot.plot({
    document,
    width,
    height: HEIGHT,
    marginLeft: 52,
    marginRight: 16,
    ...(equal ? { aspectRatio: 1 } : {}),
    x: scale(x),
    y: scale(y),
    style: { background: "none" },
    marks: marks.map((mark, i) => toMark(mark, i)),
  });
}

const scale = ({ label, log, reverse }: Axis): Plot.ScaleOptions => ({
  label,
  ...(log ? { type: "log" as const } : {}),
  ...(reverse ? { reverse: true } : {}),
  tickFormat: log ? "~g" : undefined,
});

function toMark(mark: Mark, index: number): Plot.Markish {
  if (mark.kind === "image") return pixels(mark);
  const stroke = mark.color ?? PALETTE[index % PALETTE.length]!;
  const points = Array.from(mark.x, (x, i) => [x, mark.y[i]!] as [number, number]);
  if (mark.kind === "line") return Plot.lineY(thin(points), { x: "0", y: "1", stroke, strokeWidth: 1.5 });
  if (mark.symbol === "tick") return Plot.dot(points, { x: "0", y: "1", fill: stroke, r: 1.1 });
  const symbol = mark.symbol === "cross" ? "times" : "circle";
  return Plot.dot(points, { x: "0", y: "1", stroke, symbol, r: 4, strokeWidth: 1.5 });
}

function pixels({
  values,
  width,
  height,
  range,
  palette,
  origin = [0, 0],
}: Mark & { kind: "image" }): Plot.Markish {
  const [low, high] = range ?? extremes(values);
  const cells = Array.from({ length: width * height }, (_, i) => ({
    x: origin[0] + (i % width) - 0.5,
    y: origin[1] + Math.floor(i / width) - 0.5,
    fill: color(palette, (values[i]! - low) / (high - low || 1)),
  }));
  // The overlap hides the hairlines that renderers leave between neighbours.
  return Plot.rect(cells, { x1: "x", y1: "y", x2: (d) => d.x + 1.02, y2: (d) => d.y + 1.02, fill: "fill" });
}

function color(palette: "gray" | "diverging", share: number): string {
  const s = Math.min(1, Math.max(0, share));
  const mix = (a: number[], b: number[], t: number) => a.map((v, i) => Math.round(v + (b[i]! - v) * t));
  if (palette === "gray") return `rgb(${mix([0, 0, 0], [255, 255, 255], s).join(",")})`;
  const [blue, white, red] = [[33, 102, 172], [247, 247, 247], [178, 24, 43]] as const; // biome-ignore format: a table
  return `rgb(${(s < 0.5 ? mix([...blue], [...white], s * 2) : mix([...white], [...red], s * 2 - 1)).join(",")})`;
}

function legend({ marks }: Panel, left: number): string {
  const named = marks.flatMap((mark, i) =>
    mark.kind !== "image" && isNamed(marks, mark) ? [{ ...mark, i }] : [],
  );
  let x = left + 56;
  return named
    .map(({ name, color: own, i }) => {
      const swatch = `<rect x="${x}" y="${HEIGHT + 27}" width="10" height="10" fill="${own ?? PALETTE[i % PALETTE.length]}"/>`;
      const text = `<text x="${x + 14}" y="${HEIGHT + 36}" font-size="11">${escapeHtml(name)}</text>`;
      x += 24 + name.length * 6;
      return swatch + text;
    })
    .join("");
}

/** Every n-th point, and always the last. */
export function thin<T>(points: readonly T[]): readonly T[] {
  const stride = Math.ceil(points.length / LINE_POINTS);
  return stride <= 1 ? points : points.filter((_, i) => i % stride === 0 || i === points.length - 1);
}

function extremes(values: ArrayLike<number>): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    low = Math.min(low, values[i]!);
    high = Math.max(high, values[i]!);
  }
  return [low, high];
}
