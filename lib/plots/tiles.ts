import type { ImageMark } from "./panel";

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
