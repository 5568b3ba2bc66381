import type { FrameSize } from "../../../base/dsp/movie";

/** The share of each source row (or column) in one target row: a run of source rows with weights that add up to 1. */
interface Share {
  readonly first: number;
  readonly weights: readonly number[];
}

/**
 * Returns a function that scales an image of some channels to another size. A target pixel is the mean of the source pixels that it covers, each weighted by
 * the covered area.
 */
export function areaScaler(
  from: FrameSize,
  to: FrameSize,
  channels: number,
): (image: ArrayLike<number>) => ArrayLike<number> {
  if (from.height === to.height && from.width === to.width) return (image) => image;
  const rows = sharesOf(from.height, to.height);
  const columns = sharesOf(from.width, to.width);
  return (image) => {
    const scaled = new Float32Array(to.height * to.width * channels);
    rows.forEach(({ first: top, weights: vertical }, y) => {
      columns.forEach(({ first: left, weights: horizontal }, x) => {
        const target = (y * to.width + x) * channels;
        for (const [i, v] of vertical.entries())
          for (const [j, h] of horizontal.entries()) {
            const source = ((top + i) * from.width + left + j) * channels;
            for (let c = 0; c < channels; c++) scaled[target + c]! += v * h * image[source + c]!;
          }
      });
    });
    return scaled;
  };
}

function sharesOf(from: number, to: number): Share[] {
  const ratio = from / to;
  return Array.from({ length: to }, (_, target) => {
    const [start, end] = [target * ratio, Math.min(from, (target + 1) * ratio)];
    const first = Math.min(from - 1, Math.floor(start));
    const last = Math.max(first, Math.ceil(end - 1e-9) - 1);
    const weights = Array.from(
      { length: last - first + 1 },
      (_, i) => (Math.min(end, first + i + 1) - Math.max(start, first + i)) / (end - start),
    );
    return { first, weights };
  });
}

/** The weights of red, green and blue in luminance (ITU-R BT.601). */
const LUMINANCE = [0.299, 0.587, 0.114] as const;

/** Returns the luminance of pixels of 3 or 4 channels; an alpha channel is ignored. */
export function luminance(pixels: ArrayLike<number>, channels: number): Float32Array {
  const gray = new Float32Array(pixels.length / channels);
  for (let i = 0; i < gray.length; i++)
    for (const [c, weight] of LUMINANCE.entries()) gray[i]! += weight * pixels[i * channels + c]!;
  return gray;
}

/** Returns pixels without their fourth channel, alpha. */
export const withoutAlpha = (pixels: ArrayLike<number>): Float32Array =>
  Float32Array.from(pixels).filter((_, i) => i % 4 !== 3);

/** The range of pixel values that becomes the bytes 0 to 255. */
export type PixelRange = readonly [low: number, high: number];

/** Writes pixels as bytes, starting at `at`. NaN becomes `background`. @returns the number of NaN */
export function writeBytes(
  pixels: ArrayLike<number>,
  [low, high]: PixelRange,
  background: number,
  bytes: Uint8Array,
  at: number,
): number {
  const factor = 255 / (high - low);
  let missing = 0;
  for (let i = 0; i < pixels.length; i++) {
    const value = (pixels[i]! - low) * factor;
    if (Number.isNaN(value)) missing++;
    bytes[at + i] = Number.isNaN(value) ? background : Math.min(255, Math.max(0, Math.round(value)));
  }
  return missing;
}
