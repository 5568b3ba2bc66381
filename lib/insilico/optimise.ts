import { Random } from "../base/random";
import { compile, tf } from "../engine";
import type { Observer } from "./observer";

/** The options of inputs that are found by gradient ascent. */
export interface InputOptions {
  /** The number of steps of gradient ascent. Default 150. */
  steps?: number;
  /** The largest change of a step, as a share of `range`; it falls linearly to a twentieth. Default 0.2. */
  rate?: number;
  /** The largest contrast of a pixel. Default 1: black and white. */
  range?: number;
  /** The largest root mean square contrast of an input. Default: no limit. */
  rms?: number;
  /**
   * The smoothness of inputs: `blur` smooths gradients by a Gaussian whose width falls to 0 (Walker et al. 2019), `fourier` scales their
   * amplitude spectrum by 1 / frequency (Olah, Mordvintsev & Schubert 2017). Default: `blur`.
   */
  smooth?: "none" | "blur" | "fourier";
  /** The standard deviation of the blur in pixels at the first step. Default 1.5. */
  sigma?: number;
  /** Whether one still image is shown during all lags, and not a movie. Default false. */
  still?: boolean;
  /** The seed of the noise from which the ascent starts. Default 0. */
  seed?: number;
}

/**
 * The quantity that is increased for each input, `[B]`, from the rates `[B, units]`, numbers of the goal `[B, numbers]` and the inputs
 * themselves `[B, lags, height, width]`. Traced.
 */
export type Goal = (rates: tf.Tensor2D, numbers: tf.Tensor2D, inputs: tf.Tensor4D) => tf.Tensor1D;

/** Inputs and the rates that they evoke. */
export interface FoundInputs {
  /** Contrast, `[inputs, lags, height, width]`; one lag for still images. */
  readonly inputs: Float32Array;
  /** `[inputs, units]` */
  readonly rates: Float32Array;
}

/** The contrast of the noise at the start, as a share of the range. */
const START = 0.1;
/** The number of draws of noise of which the ascent starts at the best: a unit that rectifies has no gradient at half of them. */
const DRAWS = 8;
const LEAST = 1e-12;

/**
 * Finds inputs of contrast by gradient ascent, all at once. Each step moves an input along its gradient, scaled by the gradient's largest
 * element, and then limits its norm and its range.
 *
 * @param numbers the numbers of the goal, one row for each input
 */
export async function optimiseInputs(
  observer: Observer,
  goal: Goal,
  numbers: readonly (readonly number[])[],
  options: InputOptions = {},
): Promise<FoundInputs> {
  const {
    steps = 150,
    rate = 0.2,
    range = 1,
    rms,
    smooth = "blur",
    sigma = 1.5,
    still = false,
    seed = 0,
  } = options;
  const { height, width, lags } = observer.view;
  const shown = still ? 1 : lags.length;
  const [rows, columns] = [realFourier(height), realFourier(width)];
  const everyLag = (x: tf.Tensor4D) => (still ? tf.tile(x, [1, lags.length, 1, 1]) : x);
  const limited = (x: tf.Tensor4D) => {
    const size = tf.sqrt(tf.mean(tf.square(x), [1, 2, 3], true));
    const scaled = rms === undefined ? x : tf.mul(x, tf.minimum(1, tf.div(rms, tf.maximum(size, LEAST))));
    return tf.clipByValue(scaled, -range, range) as tf.Tensor4D;
  };
  const step = compile((x: tf.Tensor4D, aims: tf.Tensor2D, spectrum: tf.Tensor2D, size: tf.Scalar) => {
    const total = (inputs: tf.Tensor4D) => {
      const all = everyLag(inputs);
      return tf.sum(goal(observer.rates(all), aims, all)) as tf.Scalar;
    };
    const gradient = tf.grad((inputs) => total(inputs as tf.Tensor4D))(x) as tf.Tensor4D;
    const smoothed = filtered(gradient, spectrum, rows, columns);
    const largest = tf.max(tf.abs(smoothed), [1, 2, 3], true);
    const moved = tf.add(x, tf.mul(tf.div(smoothed, tf.maximum(largest, LEAST)), size)) as tf.Tensor4D;
    return limited(moved);
  });
  const better = compile((x: tf.Tensor4D, other: tf.Tensor4D, aims: tf.Tensor2D) => {
    const of = (inputs: tf.Tensor4D) => goal(observer.rates(everyLag(inputs)), aims, everyLag(inputs));
    return tf.where(tf.reshape(tf.greater(of(other), of(x)), [-1, 1, 1, 1]), other, x);
  });
  const last = compile((x: tf.Tensor4D) => observer.rates(everyLag(x)));
  const random = new Random(seed, "inputs");
  const count = numbers.length;
  const noise = () => {
    const pixels = count * shown * height * width;
    const values = Float32Array.from({ length: pixels }, () => START * range * random.normal());
    return tf.tidy(() => limited(tf.tensor4d(values, [count, shown, height, width])));
  };
  let x = noise();
  /** Replaces the inputs by the next ones. */
  const become = (next: tf.Tensor4D) => {
    x.dispose();
    x = next;
  };
  const aims = tf.tensor2d(numbers.map((row) => [...row]));
  try {
    for (let draw = 1; draw < DRAWS; draw++) {
      const other = noise();
      become((await better(x, other, aims)) as tf.Tensor4D);
      other.dispose();
    }
    for (let k = 0; k < steps; k++) {
      const left = 1 - k / steps;
      const spectrum = tf.tensor2d(spectrumOf(height, width, smooth, sigma * left), [height, width]);
      become(await step(x, aims, spectrum, range * rate * Math.max(left, 0.05)));
      spectrum.dispose();
    }
    const found = await last(x);
    const result = { inputs: x.dataSync<"float32">().slice(), rates: found.dataSync<"float32">().slice() };
    found.dispose();
    return result;
  } finally {
    tf.dispose([x, aims]);
    for (const compiled of [better, step, last]) compiled.dispose();
  }
}

/** Multiplies the spectrum of every frame, `[B, L, H, W]`, by `[H, W]`. */
function filtered(
  x: tf.Tensor4D,
  spectrum: tf.Tensor2D,
  rows: Float32Array,
  columns: Float32Array,
): tf.Tensor4D {
  const [batch, lags, height, width] = x.shape;
  const [f, g] = [tf.tensor2d(rows, [height, height]), tf.tensor2d(columns, [width, width])];
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
      matrix[row * n + i] = Math.sqrt((alone ? 1 : 2) / n) * (row % 2 === 0 && row > 0 ? Math.sin(angle) : Math.cos(angle)); // biome-ignore format: one line
    }
  }
  return matrix;
}

/** Returns the number of cycles of a row of the real Fourier transform: 0, 1, 1, 2, 2, ... */
const cyclesOf = (row: number) => (row + 1) >> 1;

/** Returns the factors of frequencies, `[height, width]`. */
function spectrumOf(
  height: number,
  width: number,
  smooth: NonNullable<InputOptions["smooth"]>,
  sigma: number,
): Float32Array {
  return Float32Array.from({ length: height * width }, (_, at) => {
    const [fy, fx] = [cyclesOf(Math.floor(at / width)) / height, cyclesOf(at % width) / width];
    const squared = fy * fy + fx * fx;
    if (smooth === "blur") return Math.exp(-2 * (Math.PI * sigma) ** 2 * squared);
    // Scaling the amplitudes of the inputs by 1 / f scales their gradients by 1 / f².
    return smooth === "fourier" ? 1 / Math.max(squared, 1 / Math.max(height, width) ** 2) : 1;
  });
}
