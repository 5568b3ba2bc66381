import * as tf from "@tensorflow/tfjs-core";
import { ATTR } from "./attributes";
import { backend } from "./backend";
import { TF } from "./dtypes";

/**
 * Random numbers as a pure function of a seed, a step and the name of who asks: the same again in a resumed run, and fresh at
 * each call of a compiled function, whose code only runs once. TensorFlow's stateless draws (Philox: Salmon et al. 2011,
 * "Parallel random numbers: as easy as 1, 2, 3").
 *
 * Asking twice by one name gives the same numbers twice. Nothing has a gradient.
 *
 * @example
 * const step = compile((x: tf.Tensor, n: tf.Scalar) => {
 *   const draws = new Draws(42, n);
 *   return tf.add(dropout(x, 0.5, draws, "input"), draws.normal(x.shape, "noise"));
 * });
 * for (let n = 0; n < steps; n++) await step(x, n);
 */
export class Draws {
  /**
   * @param seed any number, fixed when a function is compiled
   * @param step a tensor, so that it may change from call to call; whole numbers, below 2^24 when it is float32
   */
  constructor(
    private readonly seed: number,
    private readonly step: tf.Scalar,
  ) {}

  /** Uniform in [0, 1), float32. */
  uniform(shape: number[], layer: string): tf.Tensor {
    return this.draw("StatelessRandomUniform", shape, `uniform ${layer}`);
  }

  /** Normal with mean 0 and standard deviation 1, float32. */
  normal(shape: number[], layer: string): tf.Tensor {
    return this.draw("StatelessRandomNormal", shape, `normal ${layer}`);
  }

  /**
   * 1 where something is kept and 0 where it is dropped, float32.
   *
   * @param rate the probability of 0, from 0 up to but without 1
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
 * Sets a share of the values to 0 and divides the rest by what was kept, so that the mean stays (Srivastava et al. 2014).
 *
 * @param rate the share that is dropped, from 0 up to but without 1; 0 returns x as it is
 * @param layer names the draw: two layers of one name drop the same
 * @throws RangeError for another rate
 */
export function dropout<T extends tf.Tensor>(x: T, rate: number, draws: Draws, layer: string): T {
  if (rate === 0) return x;
  return tf.tidy(() => tf.mul(x, tf.div(draws.keepMask(x.shape, rate, layer), 1 - rate)) as T);
}

/** FNV-1a, and then MurmurHash3's last mixing, because FNV leaves the high bits of short texts alike. An int32. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) h = Math.imul(h ^ byte, 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
