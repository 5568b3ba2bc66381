import * as tf from "@tensorflow/tfjs-core";
import { ATTR } from "./attributes";
import { backend } from "./backend";
import { TF } from "./dtypes";

/**
 * A random number generator whose numbers are a pure function of a seed, a step and a layer's name. A resumed run gets the same numbers,
 * and every call of a compiled function gets new ones although its code runs only once. It uses TensorFlow's stateless generator (Philox:
 * Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3").
 *
 * Two draws with the same name return the same numbers. StatelessRng have no gradients.
 *
 * @example
 * const step = compile((x: tf.Tensor, n: tf.Scalar) => {
 *   const draws = new StatelessRng(42, n);
 *   return tf.add(dropout(x, 0.5, draws, "input"), draws.normal(x.shape, "noise"));
 * });
 * for (let n = 0; n < steps; n++) await step(x, n);
 */
export class StatelessRng {
  /**
   * @param seed any number, fixed when a function is compiled
   * @param step a tensor, so that it may change from call to call; an integer, below 2^24 when it is float32
   */
  constructor(
    private readonly seed: number,
    private readonly step: tf.Scalar,
  ) {}

  /** Returns uniform numbers in [0, 1), float32. */
  uniform(shape: number[], layer: string): tf.Tensor {
    return this.draw("StatelessRandomUniform", shape, `uniform ${layer}`);
  }

  /** Returns normal numbers with mean 0 and standard deviation 1, float32. */
  normal(shape: number[], layer: string): tf.Tensor {
    return this.draw("StatelessRandomNormal", shape, `normal ${layer}`);
  }

  /**
   * Returns a dropout mask: 1 for kept values and 0 for dropped ones, float32.
   *
   * @param rate the probability of 0, from 0 to below 1
   * @throws RangeError for another rate
   */
  keepMask(shape: number[], rate: number, layer: string): tf.Tensor {
    if (!(rate >= 0 && rate < 1))
      throw new RangeError(`The dropout rate of ${layer} is ${rate}; it must be at least 0 and below 1.`);
    return tf.tidy(() => {
      const draw = this.draw("StatelessRandomUniform", shape, `keep ${layer}`);
      return tf.cast(tf.greaterEqual(draw, rate), "float32");
    });
  }

  private draw(op: string, shape: number[], key: string): tf.Tensor {
    return tf.tidy(() => {
      const seed = tf.stack([tf.scalar(hash(`${this.seed} ${key}`), "int32"), tf.cast(this.step, "int32")]);
      const types = Object.entries({ dtype: TF.FLOAT, T: TF.INT32, Tseed: TF.INT32 });
      const attributes = types.map(([name, value]) => ({ name, type: ATTR.TYPE, value }));
      return backend.executeSingleOutput(op, attributes, [tf.tensor1d(shape, "int32"), seed]);
    });
  }
}

/**
 * Sets a share of the values to 0 and divides the others by the kept share, so that the mean is unchanged (Srivastava et al. 2014).
 *
 * @param rate the share that is dropped, from 0 to below 1; 0 returns x unchanged
 * @param layer the name of the draw: two layers with the same name drop the same values
 * @throws RangeError for another rate
 */
export function dropout<T extends tf.Tensor>(x: T, rate: number, rng: StatelessRng, layer: string): T {
  if (rate === 0) return x;
  return tf.tidy(() => tf.mul(x, tf.div(rng.keepMask(x.shape, rate, layer), 1 - rate)) as T);
}

/** Hashes a text to an int32: FNV-1a, then MurmurHash3's finalizer, because FNV gives short texts similar high bits. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) h = Math.imul(h ^ byte, 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** @deprecated The former name of {@link StatelessRng}. */
export const Draws = StatelessRng;
/** @deprecated The former name of {@link StatelessRng}. */
export type Draws = StatelessRng;
