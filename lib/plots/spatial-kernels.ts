import { Figure } from "./figure";
import { greatest, tileSheet } from "./image";
import type { Panel } from "./panel";

/** The kernel of a convolution over space. */
export interface KernelView {
  /** The layer, such as `convnet.layers.0`. */
  name: string;
  /** `[time, height, width, in, out]`. */
  shape: readonly number[];
  values: ArrayLike<number>;
}

/** The maximum number of rows and columns of kernels; more could not be distinguished. */
const [ROWS, COLUMNS] = [8, 16];

/**
 * Draws spatial kernels with a panel for each layer: a row for each input channel, a column for each filter, and for each filter the time
 * tap with the most power. Each filter has its own color scale; red is positive.
 */
export function spatialKernelsFigure(kernels: readonly KernelView[]): Figure {
  const panels = kernels.map(({ name, shape, values }): Panel => {
    const [taps, height, width, inputs, filters] = shape as [number, number, number, number, number];
    const at = (t: number, p: number, i: number, o: number) =>
      values[((t * height * width + p) * inputs + i) * filters + o]!;
    const [rows, columns] = [Math.min(ROWS, inputs), Math.min(COLUMNS, filters)];
    const tap = Array.from({ length: columns }, (_, o) => {
      const power = Array.from({ length: taps }, (_, t) => {
        let sum = 0;
        for (let i = 0; i < inputs; i++) for (let p = 0; p < height * width; p++) sum += at(t, p, i, o) ** 2;
        return sum;
      });
      return power.indexOf(Math.max(...power));
    });
    const tiles = Array.from({ length: rows * columns }, (_, k) => {
      const [i, o] = [Math.floor(k / columns), k % columns];
      return Float32Array.from({ length: height * width }, (_, p) => at(tap[o]!, p, i, o));
    });
    const ofFilter = Array.from({ length: columns }, (_, o) =>
      Math.max(...Array.from({ length: rows }, (_, i) => greatest(tiles[i * columns + o]!))),
    );
    const scales = tiles.map((_, k) => ofFilter[k % columns]!);
    const { image } = tileSheet(tiles, { height, width, columns }, scales);
    const shown = (of: number, all: number) => (of < all ? `${of} of ${all}` : `${all}`);
    return {
      title: `${name}: ${height} × ${width}, ${shown(rows, inputs)} channels (rows) → ${shown(columns, filters)} filters (columns)`,
      x: { label: "" },
      y: { label: "", reverse: true },
      equal: true,
      bare: true,
      marks: [image],
    };
  });
  const words = kernels.map(({ name, shape }) => `${name} [${shape.join(", ")}]`);
  return new Figure(panels, `spatial kernels of ${words.join("; ") || "no layer"}`, {
    columns: 1,
    width: 640,
  });
}
