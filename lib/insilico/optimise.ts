import { Random } from "../base/random";
import { type Compiled, compile, tf } from "../engine";
import type { Observer } from "./observer";
import { filtered, type Smoothing, spectrumOf } from "./smoothing";

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
  smooth?: Smoothing;
  /** The standard deviation of the blur in pixels at the first step. Default 1.5. */
  sigma?: number;
  /** Whether one still image is shown during all lags, and not a movie. Default false. */
  still?: boolean;
  /** The seed of the noise from which the ascent starts. Default 0. */
  seed?: number;
  /**
   * Receives the inputs after each step, from 1, `[inputs, lags, height, width]`. The next step waits for it; an error ends the ascent.
   * Default: none.
   */
  onStep?: (step: number, inputs: Float32Array) => void | Promise<void>;
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
/**
 * The number of draws of noise. The ascent starts at the best of them and of their negatives: a unit that rectifies has no gradient at one of
 * the two.
 */
const DRAWS = 4;
const LEAST = 1e-12;

const DEFAULTS = { steps: 150, rate: 0.2, range: 1, smooth: "blur", sigma: 1.5, still: false } as const;

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
  { seed = 0, ...options }: InputOptions = {},
): Promise<FoundInputs> {
  const ascent = new Ascent(observer, goal, options);
  try {
    return await ascent.run(numbers, seed);
  } finally {
    ascent.dispose();
  }
}

/** Gradient ascent on a goal. Its compiled functions serve all runs with the same number of inputs. */
export class Ascent {
  private readonly options: Required<Omit<InputOptions, "seed" | "rms" | "onStep">> &
    Pick<InputOptions, "rms" | "onStep">;
  private readonly step: Compiled<[tf.Tensor4D, tf.Tensor2D, tf.Tensor2D, number], tf.Tensor4D>;
  private readonly better: Compiled<[tf.Tensor4D, tf.Tensor4D, tf.Tensor2D], tf.Tensor4D>;
  private readonly rates: Compiled<[tf.Tensor4D], tf.Tensor2D>;

  constructor(
    private readonly observer: Observer,
    goal: Goal,
    options: Omit<InputOptions, "seed">,
  ) {
    this.options = { ...DEFAULTS, ...options };
    const value = (inputs: tf.Tensor4D, aims: tf.Tensor2D) => {
      const all = this.everyLag(inputs);
      return goal(observer.rates(all), aims, all);
    };
    this.step = compile((x, aims, spectrum, size) => {
      const gradient = tf.grad((inputs) => tf.sum(value(inputs as tf.Tensor4D, aims)))(x) as tf.Tensor4D;
      const smoothed = filtered(gradient, spectrum);
      const largest = tf.max(tf.abs(smoothed), [1, 2, 3], true);
      return this.limited(tf.add(x, tf.mul(tf.div(smoothed, tf.maximum(largest, LEAST)), size)));
    });
    this.better = compile((x, other, aims) =>
      tf.where(tf.reshape(tf.greater(value(other, aims), value(x, aims)), [-1, 1, 1, 1]), other, x),
    );
    this.rates = compile((x) => observer.rates(this.everyLag(x)));
  }

  /** Finds an input for each row of the goal's numbers. @param seed the seed of the noise at the start */
  async run(numbers: readonly (readonly number[])[], seed: number): Promise<FoundInputs> {
    const { steps, rate, range, smooth, sigma, onStep } = this.options;
    const { height, width } = this.observer.view;
    const aims = tf.tensor2d(numbers.map((row) => [...row]));
    let x = await this.start(aims, seed);
    try {
      for (let k = 0; k < steps; k++) {
        const left = 1 - k / steps;
        const spectrum = tf.tensor2d(spectrumOf(height, width, smooth, sigma * left), [height, width]);
        const moved = await this.step(x, aims, spectrum, range * rate * Math.max(left, 0.05));
        tf.dispose([x, spectrum]);
        x = moved;
        if (onStep) await onStep(k + 1, (await x.data<"float32">()).slice());
      }
      const rates = await this.rates(x);
      const [inputs, evoked] = await Promise.all([x.data<"float32">(), rates.data<"float32">()]);
      rates.dispose();
      return { inputs: inputs.slice(), rates: evoked.slice() };
    } finally {
      tf.dispose([x, aims]);
    }
  }

  dispose(): void {
    for (const compiled of [this.step, this.better, this.rates]) compiled.dispose();
  }

  /** Returns for each input the best of several draws of noise and of their negatives. */
  private async start(aims: tf.Tensor2D, seed: number): Promise<tf.Tensor4D> {
    const { range, still } = this.options;
    const { height, width, lags } = this.observer.view;
    const shape = [aims.shape[0], still ? 1 : lags.length, height, width] as const;
    const random = new Random(seed, "inputs");
    const noise = () => {
      const pixels = shape.reduce((a, b) => a * b);
      const values = Float32Array.from({ length: pixels }, () => START * range * random.normal());
      return tf.tidy(() => this.limited(tf.tensor4d(values, [...shape])));
    };
    const candidates = Array.from({ length: DRAWS }, noise).flatMap((drawn) => [drawn, tf.neg(drawn)]);
    let [best, ...others] = candidates as [tf.Tensor4D, ...tf.Tensor4D[]];
    for (const other of others) {
      const next = await this.better(best, other, aims);
      tf.dispose([best, other]);
      best = next;
    }
    return best;
  }

  private everyLag(x: tf.Tensor4D): tf.Tensor4D {
    return this.options.still ? tf.tile(x, [1, this.observer.view.lags.length, 1, 1]) : x;
  }

  /** Limits the norm and the range of inputs. */
  private limited(x: tf.Tensor4D): tf.Tensor4D {
    const { rms, range } = this.options;
    const size = tf.sqrt(tf.mean(tf.square(x), [1, 2, 3], true));
    const scaled = rms === undefined ? x : tf.mul(x, tf.minimum(1, tf.div(rms, tf.maximum(size, LEAST))));
    return tf.clipByValue(scaled, -range, range) as tf.Tensor4D;
  }
}
