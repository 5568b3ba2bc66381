import type { Random } from "../../base/random";

/** A square gray image with values around 0 and standard deviation 1. */
export interface Image {
  size: number;
  values: Float32Array;
}

/**
 * Draws an image whose amplitude spectrum falls as 1/f, like that of natural images (Field 1987): octaves of smooth noise with equal
 * contrast, each twice as coarse as the one before.
 */
export function pinkImage(size: number, random: Random): Image {
  const values = new Float32Array(size * size);
  for (let grain = 1; grain <= size / 4; grain *= 2) {
    const cells = Math.ceil(size / grain) + 2;
    const noise = Float32Array.from({ length: cells * cells }, () => random.normal());
    // The grid's offset is random, so that octaves do not share edges.
    const [shiftY, shiftX] = [random.uniform(), random.uniform()];
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        values[y * size + x]! += bilinear(noise, cells, y / grain + shiftY, x / grain + shiftX);
      }
    }
  }
  return standardised({ size, values });
}

/**
 * Draws a dead leaves image (Lee, Mumford & Huang 2001): discs of random gray that occlude each other, with radii distributed as r^-3,
 * which yields the edges and scale invariance of natural images.
 */
export function deadLeavesImage(size: number, random: Random): Image {
  const values = new Float32Array(size * size).fill(Number.NaN);
  const [smallest, largest] = [2, size / 4];
  let bare = size * size;
  // From front to back: a pixel keeps the first disc that covers it.
  for (let disc = 0; disc < 8000 && bare > 0; disc++) {
    const u = random.uniform();
    const radius = 1 / Math.sqrt(u / smallest ** 2 + (1 - u) / largest ** 2);
    const [cy, cx, gray] = [random.uniform(0, size), random.uniform(0, size), random.uniform(-1, 1)];
    for (let y = Math.max(0, Math.ceil(cy - radius)); y < Math.min(size, cy + radius); y++) {
      const half = Math.sqrt(radius ** 2 - (y - cy) ** 2);
      for (let x = Math.max(0, Math.ceil(cx - half)); x < Math.min(size, cx + half); x++) {
        if (!Number.isNaN(values[y * size + x])) continue;
        values[y * size + x] = gray;
        bare--;
      }
    }
  }
  return standardised({ size, values: values.map((value) => (Number.isNaN(value) ? 0 : value)) });
}

/** Interpolates between pixels. */
export function bilinear(values: Float32Array, width: number, y: number, x: number): number {
  const [top, left] = [Math.floor(y), Math.floor(x)];
  const [v, u] = [y - top, x - left];
  const at = top * width + left;
  const upper = values[at]! * (1 - u) + values[at + 1]! * u;
  const lower = values[at + width]! * (1 - u) + values[at + width + 1]! * u;
  return upper * (1 - v) + lower * v;
}

function standardised({ size, values }: Image): Image {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
  return { size, values: values.map((value) => (value - mean) / deviation) };
}
