import { Random } from "../base/random";
import { deadLeavesImage, type Image, pinkImage } from "../data/simulate/stimulus";
import type { TwinView } from "../twin/stimulus";

/** Windows of contrast, `[count, lags, height, width]`, oldest frame first: the stimulus before one bin each. */
export interface Windows {
  readonly count: number;
  readonly values: Float32Array;
}

/** The options of `naturalWindows`. */
export interface NaturalOptions {
  /** Default 0. */
  seed?: number;
  /** The standard deviation of contrast over an image. Default 0.38, that of the simulator's pictures. */
  contrast?: number;
}

/** The side in pixels of the pictures from which frames are cut, in multiples of the frame's larger side. */
const PICTURE = 4;
/** The number of frames that are cut from one picture. */
const PER_PICTURE = 16;

/**
 * Makes windows in which a still picture with natural statistics is shown: pictures of objects that occlude each other (dead leaves: Lee,
 * Mumford & Huang 2001), and pink noise. Contrast is limited to -1 and 1.
 */
export function naturalWindows(
  { height, width, lags }: TwinView,
  count: number,
  { seed = 0, contrast = 0.38 }: NaturalOptions = {},
): Windows {
  const random = new Random(seed, "natural windows");
  const pixels = height * width;
  const values = new Float32Array(count * lags.length * pixels);
  const size = PICTURE * Math.max(height, width);
  let picture: Image | undefined;
  for (let i = 0; i < count; i++) {
    if (!picture || i % PER_PICTURE === 0)
      picture = random.uniform() < 0.5 ? pinkImage(size, random) : deadLeavesImage(size, random);
    const [top, left] = [random.below(size - height), random.below(size - width)];
    const frame = Float32Array.from({ length: pixels }, (_, p) => {
      const value = picture!.values[(top + Math.floor(p / width)) * size + left + (p % width)]!;
      return Math.max(-1, Math.min(1, contrast * value));
    });
    for (const l of lags.keys()) values.set(frame, (i * lags.length + l) * pixels);
  }
  return { count, values };
}

/** The options of `sparseNoise`. */
export interface SparseNoiseOptions {
  /** The side of a square in pixels. Default 2. */
  square?: number;
  /** The mean number of squares in a frame. Default 4. */
  squares?: number;
  /** Default 0. */
  seed?: number;
}

/** Makes windows of sparse noise: in every frame, black and white squares at random places on grey. */
export function sparseNoise(
  { height, width, lags }: TwinView,
  count: number,
  { square = 2, squares = 4, seed = 0 }: SparseNoiseOptions = {},
): Windows {
  const random = new Random(seed, "sparse noise");
  const pixels = height * width;
  const values = new Float32Array(count * lags.length * pixels);
  for (let at = 0; at < values.length; at += pixels) {
    const n = random.poisson(squares);
    for (let k = 0; k < n; k++) {
      const [top, left] = [random.below(height - square + 1), random.below(width - square + 1)];
      const value = random.uniform() < 0.5 ? -1 : 1;
      for (let y = top; y < top + square; y++)
        values.fill(value, at + y * width + left, at + y * width + left + square);
    }
  }
  return { count, values };
}

/** The options of `movingDots`. */
export interface DotsOptions {
  /** The direction of the coherent dots in degrees, counter-clockwise from rightwards. Default 0. */
  direction?: number;
  /** Pixels per second. Default: one pixel per frame. */
  speed?: number;
  /** The share of dots that move in the direction; the others move in random directions. Default 1. */
  coherence?: number;
  /** The number of dots. Default 20. */
  dots?: number;
  /** The radius of a dot in pixels. Default 0.75. */
  radius?: number;
  /** Default 0. */
  seed?: number;
}

/** Makes windows of moving white dots on grey; dots that leave the frame enter it at the opposite side. */
export function movingDots(
  { height, width, lags, samplingRate }: TwinView,
  count: number,
  {
    direction = 0,
    speed = samplingRate,
    coherence = 1,
    dots = 20,
    radius = 0.75,
    seed = 0,
  }: DotsOptions = {},
): Windows {
  const random = new Random(seed, "moving dots");
  const pixels = height * width;
  const values = new Float32Array(count * lags.length * pixels);
  const wrapped = (at: number, size: number) => ((at % size) + size) % size;
  for (let i = 0; i < count; i++) {
    for (let d = 0; d < dots; d++) {
      const angle =
        random.uniform() < coherence ? (direction * Math.PI) / 180 : random.uniform(0, 2 * Math.PI);
      const [y, x] = [random.uniform(0, height), random.uniform(0, width)];
      for (const [l, lag] of lags.entries()) {
        const moved = (-lag * speed) / samplingRate;
        const [row, column] = [
          wrapped(y - moved * Math.sin(angle), height),
          wrapped(x + moved * Math.cos(angle), width),
        ];
        const at = (i * lags.length + l) * pixels;
        for (let p = 0; p < pixels; p++) {
          const distance = Math.hypot(Math.floor(p / width) - row, (p % width) - column);
          values[at + p] = Math.max(values[at + p]!, Math.max(0, Math.min(1, radius - distance + 0.5)));
        }
      }
    }
  }
  return { count, values };
}
