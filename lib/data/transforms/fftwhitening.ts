import { z } from "zod";
import { type Complex, fourier, frequencies, inverseFourier, type Transform } from "../../base/dsp/fft";
import { onEachChannel } from "../movie-layout";
import { type Covariate, strides } from "../session";
import { problemOf, type TransformContext, transform } from "./transform";

const options = z.strictObject({
  /** The cutoff frequency in cycles per sample. */
  f_0: z.number().positive().default(0.4),
  /** The steepness of the cutoff. */
  n: z.number().positive().default(4),
});

/**
 * Whitens a movie `[T, H, W]`, or each of its channels: multiplies its spectrum by `f exp(-(f / f_0)^n)`, where f is the length of the frequency vector over time,
 * height and width (Olshausen and Field 1997, in three dimensions).
 */
export const fftwhitening = transform(options, (x, o, context) => {
  const whiten = (channel: Covariate) => whitened(channel, o, context);
  return (context.frame && onEachChannel(x, context.frame, whiten)) ?? whiten(x);
});

function whitened(
  { shape, values }: Covariate,
  { f_0, n }: z.output<typeof options>,
  context: TransformContext,
) {
  if (shape.length !== 3) throw problemOf(context, `needs a movie [T, H, W]; found shape [${shape}]`);
  const spectrum = { re: Float64Array.from(values), im: new Float64Array(values.length) };
  for (const axis of shape.keys()) alongAxis(spectrum, shape, axis, fourier(shape[axis]!));
  const [ft, fh, fw] = shape.map(frequencies) as [number[], number[], number[]];
  const [, height, width] = shape as [number, number, number];
  for (let i = 0; i < values.length; i++) {
    const [t, h, w] = [Math.floor(i / (height * width)), Math.floor(i / width) % height, i % width];
    const f = Math.hypot(ft[t]!, fh[h]!, fw[w]!);
    const gain = f * Math.exp(-((f / f_0) ** n));
    spectrum.re[i]! *= gain;
    spectrum.im[i]! *= gain;
  }
  for (const axis of shape.keys()) alongAxis(spectrum, shape, axis, inverseFourier(shape[axis]!));
  return { shape, values: Float32Array.from(spectrum.re) };
}

/** Transforms every line of an axis, in place. */
function alongAxis({ re, im }: Complex, shape: readonly number[], axis: number, of: Transform): void {
  const { outer, length, inner } = strides(shape, axis);
  const line = { re: new Float64Array(length), im: new Float64Array(length) };
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const at = (k: number) => (o * length + k) * inner + i;
      for (let k = 0; k < length; k++) {
        line.re[k] = re[at(k)]!;
        line.im[k] = im[at(k)]!;
      }
      const done = of(line);
      for (let k = 0; k < length; k++) {
        re[at(k)] = done.re[k]!;
        im[at(k)] = done.im[k]!;
      }
    }
  }
}
