import { tf } from "../../../engine";

/**
 * Rotary positions (Su et al. 2021) of one sequence: how far each pair of entries of each token turns. A table for each
 * of the parts that the entries are split into, each part `d` entries: the pair (j, j + d / 2) turns by
 * `position * 10000^(-2 j / d)`.
 */
export interface Rotary {
  /** Of each token and entry, `tokens * width` values. */
  readonly cos: Float32Array;
  readonly sin: Float32Array;
  /** The matrix that gives each entry its partner, negative for the first of a pair, `width²` values. */
  readonly partner: Float32Array;
  readonly tokens: number;
  readonly width: number;
}

/** @param positions of each part, one for each token */
function rotary(positions: readonly (readonly number[])[], width: number): Rotary {
  const d = width / positions.length;
  const tokens = positions[0]!.length;
  const angle = (i: number) => {
    const [token, entry] = [Math.floor(i / width), i % width];
    const j = entry % (d / 2);
    return positions[Math.floor(entry / d)]![token]! * 10000 ** ((-2 * j) / d);
  };
  const table = (f: (x: number) => number) =>
    Float32Array.from({ length: tokens * width }, (_, i) => f(angle(i)));
  const partner = new Float32Array(width * width);
  for (let entry = 0; entry < width; entry++) {
    const first = entry % d < d / 2;
    partner[(first ? entry + d / 2 : entry - d / 2) * width + entry] = first ? -1 : 1;
  }
  return { cos: table(Math.cos), sin: table(Math.sin), partner, tokens, width };
}

/** Tokens one after another; `width` is even. */
export function rotaryOfTime(frames: number, width: number): Rotary {
  return rotary([Array.from({ length: frames }, (_, t) => t)], width);
}

/**
 * Places row by row: the first half of the entries turns with the row, the second with the column; `width` is a multiple
 * of 4.
 *
 * @param registers tokens before them that are not turned
 */
export function rotaryOfSpace(height: number, col: number, width: number, registers = 0): Rotary {
  const still = Array<number>(registers).fill(0);
  const places = Array.from({ length: height * col }, (_, i) => i);
  return rotary(
    [
      [...still, ...places.map((i) => Math.floor(i / col))],
      [...still, ...places.map((i) => i % col)],
    ],
    width,
  );
}

/** @param x `[B, heads, tokens, width]` */
export function rotate(x: tf.Tensor4D, { cos, sin, partner, tokens, width }: Rotary): tf.Tensor4D {
  const partners = tf.matMul(tf.reshape(x, [-1, width]) as tf.Tensor2D, tf.tensor2d(partner, [width, width]));
  const turned = tf.mul(tf.reshape(partners, x.shape), tf.tensor2d(sin, [tokens, width]));
  return tf.add(tf.mul(x, tf.tensor2d(cos, [tokens, width])), turned);
}
