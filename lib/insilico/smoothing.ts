import { tf } from "../engine";

/** The smoothing of inputs, which `InputOptions.smooth` describes. */
export type Smoothing = "none" | "blur" | "fourier";

export const SMOOTHINGS: readonly Smoothing[] = ["none", "blur", "fourier"];

/** Multiplies the spectrum of every frame, `[B, lags, height, width]`, by factors, `[height, width]`. Traced. */
export function filtered(x: tf.Tensor4D, spectrum: tf.Tensor2D): tf.Tensor4D {
  const [batch, lags, height, width] = x.shape;
  const [f, g] = [
    tf.tensor2d(realFourier(height), [height, height]),
    tf.tensor2d(realFourier(width), [width, width]),
  ];
  const frames = tf.reshape(x, [batch * lags, height, width]);
  const ofAll = (matrix: tf.Tensor2D) => tf.tile(tf.expandDims(matrix, 0), [batch * lags, 1, 1]);
  const [left, right] = [ofAll(f), ofAll(g)];
  const transformed = tf.matMul(tf.matMul(left, frames), right, false, true);
  const scaled = tf.mul(transformed, spectrum);
  return tf.reshape(tf.matMul(tf.matMul(left, scaled, true), right), x.shape);
}

/** Returns the orthonormal matrix of the real Fourier transform of n values: a constant, then cosines and sines. */
function realFourier(n: number): Float32Array {
  const matrix = new Float32Array(n * n);
  for (let row = 0; row < n; row++) {
    const cycles = cyclesOf(row);
    const alone = cycles === 0 || 2 * cycles === n;
    for (let i = 0; i < n; i++) {
      const angle = (2 * Math.PI * cycles * i) / n;
      matrix[row * n + i] =
        Math.sqrt((alone ? 1 : 2) / n) * (row % 2 === 0 && row > 0 ? Math.sin(angle) : Math.cos(angle));
    }
  }
  return matrix;
}

/** Returns the number of cycles of a row of the real Fourier transform: 0, 1, 1, 2, 2, ... */
const cyclesOf = (row: number) => (row + 1) >> 1;

/** Returns the factors of frequencies, `[height, width]`. @param sigma the standard deviation of the blur in pixels */
export function spectrumOf(height: number, width: number, smooth: Smoothing, sigma: number): Float32Array {
  return Float32Array.from({ length: height * width }, (_, at) => {
    const [fy, fx] = [cyclesOf(Math.floor(at / width)) / height, cyclesOf(at % width) / width];
    const squared = fy * fy + fx * fx;
    if (smooth === "blur") return Math.exp(-2 * (Math.PI * sigma) ** 2 * squared);
    // Scaling the amplitudes of the inputs by 1 / f scales their gradients by 1 / f².
    return smooth === "fourier" ? 1 / Math.max(squared, 1 / Math.max(height, width) ** 2) : 1;
  });
}
