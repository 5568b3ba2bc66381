import { PNG } from "pngjs";
import { extremes } from "../base/dsp/extremes";
import type { ImageMark } from "./panel";

type Color = readonly [number, number, number];

/** The colors at the low end, the middle and the high end. */
export const COLORS: Record<ImageMark["palette"], readonly [Color, Color, Color]> = {
  gray: [[0, 0, 0], [127.5, 127.5, 127.5], [255, 255, 255]],
  diverging: [[33, 102, 172], [247, 247, 247], [178, 24, 43]],
}; // biome-ignore format: a table

/** Formats a color for CSS. */
export const css = (color: Color) => `rgb(${color.map(Math.round).join(",")})`;

/** The approximate number of pixels of the longer side. A large image limits the blur of renderers that smooth when they scale. */
const SIDE = 360;

/**
 * Returns an image as a data URI: a PNG in which each value is a square of whole pixels. An SVG rectangle for each value would make pages
 * of megabytes.
 */
export function imageUri({ values, width, height, range, palette }: ImageMark): string {
  const [low, high] = range ?? extremes(values);
  const scale = Math.max(1, Math.ceil(SIDE / Math.max(width, height)));
  const png = new PNG({ width: width * scale, height: height * scale });
  for (let row = 0; row < png.height; row++) {
    for (let column = 0; column < png.width; column++) {
      const value = values[Math.floor(row / scale) * width + Math.floor(column / scale)]!;
      const at = 4 * (row * png.width + column);
      // Missing values stay transparent.
      if (Number.isNaN(value)) continue;
      png.data.set([...colorOf(palette, (value - low) / (high - low || 1)), 255], at);
    }
  }
  return `data:image/png;base64,${PNG.sync.write(png, { deflateLevel: 9 }).toString("base64")}`;
}

function colorOf(palette: ImageMark["palette"], share: number): Color {
  const s = 2 * Math.min(1, Math.max(0, share));
  const [low, middle, high] = COLORS[palette];
  const [from, to, t] = s < 1 ? [low, middle, s] : [middle, high, s - 1];
  return from.map((v, i) => Math.round(v + (to[i]! - v) * t)) as unknown as Color;
}

/** An image as a PNG file. */
export interface Png {
  width: number;
  height: number;
  bytes: Buffer;
}

/**
 * Renders an SVG to pixels without a browser. Texts need a system font; without one (as in a slim container) they are omitted.
 */
export function toPng(svg: string): Png {
  // Loaded on first use, because it is native code.
  const { Resvg } = require("@resvg/resvg-js") as typeof import("@resvg/resvg-js");
  const image = new Resvg(svg, {
    font: { defaultFontFamily: "DejaVu Sans", sansSerifFamily: "DejaVu Sans" },
  }).render();
  return { width: image.width, height: image.height, bytes: image.asPng() };
}

/** Small images arranged in rows. */
export interface TileSheet {
  image: ImageMark;
  /** The first pixel of each tile, as (x, y) of the image. */
  corners: { x: number; y: number }[];
}

/**
 * Arranges small images of one size in rows, as one image with blank lines between them.
 *
 * @param scales the divisor of each tile; 1 is then the end of the color scale. Default: its greatest absolute value
 */
export function tileSheet(
  tiles: readonly ArrayLike<number>[],
  { height, width, columns, gap = 1 }: { height: number; width: number; columns: number; gap?: number },
  scales: readonly number[] = tiles.map(greatest),
): TileSheet {
  const rows = Math.ceil(tiles.length / columns);
  const across = Math.min(columns, tiles.length);
  const [sheetWidth, sheetHeight] = [across * (width + gap) - gap, rows * (height + gap) - gap];
  const values = new Float32Array(sheetWidth * sheetHeight).fill(Number.NaN);
  const corners = tiles.map((tile, i) => {
    const [x, y] = [(i % columns) * (width + gap), Math.floor(i / columns) * (height + gap)];
    const scale = scales[i]! || 1;
    for (let p = 0; p < width * height; p++) {
      values[(y + Math.floor(p / width)) * sheetWidth + x + (p % width)] = tile[p]! / scale;
    }
    return { x, y };
  });
  const image: ImageMark = {
    kind: "image",
    palette: "diverging",
    values,
    width: sheetWidth,
    height: sheetHeight,
    range: [-1, 1],
  };
  return { image, corners };
}

/** Returns the greatest absolute value. */
export function greatest(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]!));
  return most;
}
