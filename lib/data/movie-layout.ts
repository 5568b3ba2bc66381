import type { FrameSize } from "../base/dsp/movie";
import { type Covariate, strides } from "./session";

/** The place of the channels in a movie's shape: `[T, H, W]`, `[T, H, W, C]` or `[T, C, H, W]`. */
type Layout = "none" | "last" | "first";

/** Returns the layout of a shape; undefined when it is no movie with frames of this size. */
function layoutOf(shape: readonly number[], { height, width }: FrameSize): Layout | undefined {
  const isFrame = (axis: number) => shape[axis] === height && shape[axis + 1] === width;
  if (shape.length === 3) return isFrame(1) ? "none" : undefined;
  if (shape.length !== 4) return undefined;
  return isFrame(1) ? "last" : isFrame(2) ? "first" : undefined;
}

/** Swaps two neighbouring groups of axes: `[outer, a, b]` → `[outer, b, a]`. Values whose order stays are returned unchanged. */
export function swapped<A extends Uint8Array | Float32Array>(
  values: A,
  outer: number,
  a: number,
  b: number,
): A {
  if (a === 1 || b === 1) return values;
  const result = new (values.constructor as new (length: number) => A)(values.length);
  for (let o = 0; o < outer; o++)
    for (let i = 0; i < a; i++)
      for (let j = 0; j < b; j++) result[(o * b + j) * a + i] = values[(o * a + i) * b + j]!;
  return result;
}

/**
 * Returns a movie with its channels last, `[T, H, W, C]`. Beside the three layouts, axes of length 1 may stand anywhere.
 *
 * @returns undefined when it is no movie with frames of this size
 */
export function channelsLast(x: Covariate, size: FrameSize): Covariate | undefined {
  const { shape, values } = x;
  const layout = layoutOf(shape, size);
  if (layout === "last") return x;
  const { outer } = strides(shape, 1);
  if (layout === "first") {
    const [, channels] = shape as [number, number];
    const pixels = size.height * size.width;
    return {
      shape: [outer, size.height, size.width, channels],
      values: swapped(values, outer, channels, pixels),
    };
  }
  if (layout === "none") return { shape: [...shape, 1], values };
  const proper = (lengths: readonly number[]) => lengths.filter((length, axis) => axis === 0 || length !== 1);
  const kept = proper(shape);
  if (String(kept) === String(proper([outer, size.height, size.width])))
    return { shape: [outer, size.height, size.width, 1], values };
  return kept.length < shape.length ? channelsLast({ shape: kept, values }, size) : undefined;
}

/**
 * Applies a function to a movie with its channels last, and returns the result in the movie's own layout.
 *
 * @returns undefined when it is no movie with frames of this size
 */
export function onChannels(
  x: Covariate,
  size: FrameSize,
  of: (movie: Covariate) => Covariate,
): Covariate | undefined {
  const movie = channelsLast(x, size);
  if (!movie) return undefined;
  const { shape, values } = of(movie);
  if (layoutOf(x.shape, size) !== "first") return { shape, values };
  const [frames, height, width, channels] = shape as [number, number, number, number];
  return {
    shape: [frames, channels, height, width],
    values: swapped(values, frames, height * width, channels),
  };
}

/** Applies a function to each channel of a movie, `[T, H, W]`. The result has the shape of the movie. */
export function onEachChannel(
  x: Covariate,
  size: FrameSize,
  of: (channel: Covariate) => Covariate,
): Covariate | undefined {
  const done = onChannels(x, size, ({ shape, values }) => {
    const channels = shape[3]!;
    const result = new Float32Array(values.length);
    for (let channel = 0; channel < channels; channel++) {
      const own = Float32Array.from(
        { length: values.length / channels },
        (_, i) => values[i * channels + channel]!,
      );
      of({ shape: shape.slice(0, 3), values: own }).values.forEach((value, i) => {
        result[i * channels + channel] = value;
      });
    }
    return { shape, values: result };
  });
  return done && { ...done, shape: x.shape };
}
