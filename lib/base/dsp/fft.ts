/** Complex numbers, with separate real and imaginary parts. */
export interface Complex {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

/** One direction of a transform of a fixed length. */
export type Transform = (x: Complex) => Complex;

/**
 * Returns the discrete Fourier transform of any length. Powers of two use radix 2; other lengths use Bluestein's algorithm (1970), a
 * convolution whose length is a power of two. `X[k] = sum_n x[n] exp(-2πi n k / N)`.
 */
export function fourier(length: number): Transform {
  return Number.isInteger(Math.log2(length)) ? radix2(length) : bluestein(length);
}

/** Returns the inverse of `fourier`. */
export function inverseFourier(length: number): Transform {
  const forward = fourier(length);
  return ({ re, im }) => {
    // Swapping real and imaginary parts before and after gives the transform with the opposite sign.
    const swapped = forward({ re: im, im: re });
    return { re: swapped.im.map((value) => value / length), im: swapped.re.map((value) => value / length) };
  };
}

/** Returns the frequencies of a transform in cycles per sample: 0, 1/N, ..., then the negative ones. */
export const frequencies = (length: number): number[] =>
  Array.from({ length }, (_, k) => (k < length / 2 ? k : k - length) / length);

/** Cooley and Tukey (1965), in place on a copy. */
function radix2(length: number): Transform {
  const bits = Math.log2(length);
  const reversed = Int32Array.from({ length }, (_, i) => {
    let r = 0;
    for (let b = 0; b < bits; b++) r |= ((i >> b) & 1) << (bits - 1 - b);
    return r;
  });
  const cos = Float64Array.from({ length: length / 2 }, (_, k) => Math.cos((2 * Math.PI * k) / length));
  const sin = Float64Array.from({ length: length / 2 }, (_, k) => -Math.sin((2 * Math.PI * k) / length));
  return (x) => {
    const re = Float64Array.from(reversed, (i) => x.re[i]!);
    const im = Float64Array.from(reversed, (i) => x.im[i]!);
    for (let half = 1; half < length; half *= 2) {
      const stride = length / (2 * half);
      for (let at = 0; at < length; at += 2 * half) {
        for (let k = 0; k < half; k++) {
          const [a, b] = [at + k, at + k + half];
          const [c, s] = [cos[k * stride]!, sin[k * stride]!];
          const [tr, ti] = [re[b]! * c - im[b]! * s, re[b]! * s + im[b]! * c];
          re[b] = re[a]! - tr;
          im[b] = im[a]! - ti;
          re[a]! += tr;
          im[a]! += ti;
        }
      }
    }
    return { re, im };
  };
}

function bluestein(length: number): Transform {
  const size = 2 ** Math.ceil(Math.log2(2 * length - 1));
  const [forward, back] = [radix2(size), inverseFourier(size)];
  // The square is taken modulo 2 N first: an angle of many turns would lose precision.
  const angle = Float64Array.from({ length }, (_, n) => (Math.PI * ((n * n) % (2 * length))) / length);
  const [cos, sin] = [angle.map(Math.cos), angle.map(Math.sin)];
  const chirp = { re: new Float64Array(size), im: new Float64Array(size) };
  for (let n = 0; n < length; n++) {
    for (const at of [n, (size - n) % size]) {
      chirp.re[at] = cos[n]!;
      chirp.im[at] = sin[n]!;
    }
  }
  const kernel = forward(chirp);
  return (x) => {
    const turned = { re: new Float64Array(size), im: new Float64Array(size) };
    for (let n = 0; n < length; n++) {
      turned.re[n] = x.re[n]! * cos[n]! + x.im[n]! * sin[n]!;
      turned.im[n] = x.im[n]! * cos[n]! - x.re[n]! * sin[n]!;
    }
    const { re, im } = back(times(forward(turned), kernel));
    return {
      re: Float64Array.from({ length }, (_, k) => re[k]! * cos[k]! + im[k]! * sin[k]!),
      im: Float64Array.from({ length }, (_, k) => im[k]! * cos[k]! - re[k]! * sin[k]!),
    };
  };
}

const times = (a: Complex, b: Complex): Complex => ({
  re: a.re.map((re, i) => re * b.re[i]! - a.im[i]! * b.im[i]!),
  im: a.re.map((re, i) => re * b.im[i]! + a.im[i]! * b.re[i]!),
});
