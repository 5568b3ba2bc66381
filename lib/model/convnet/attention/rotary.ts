import { tf } from "../../../engine";

/**
 * Rotary positions (Su et al. 2021) of one sequence: the rotation of each pair of entries of each token. Entries are split into parts of
 * `d` entries each. In each part, the pair (j, j + d / 2) is rotated by `position * 10000^(-2 j / d)`.
 */
export interface Rotary {
  /** The cosine for each token and entry, `tokens * width` values. */
  readonly cos: Float32Array;
  readonly sin: Float32Array;
  /** The matrix that maps each entry to its partner, with a negative sign for the first of a pair, `width²` values. */
  readonly partner: Float32Array;
  readonly tokens: number;
  readonly width: number;
}

/** Computes the tables. @param positions for each part, the position of each token */
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

/** Returns the positions of tokens in time; `width` must be even. */
export function rotaryOfTime(frames: number, width: number): Rotary {
  return rotary([Array.from({ length: frames }, (_, t) => t)], width);
}

/**
 * Returns the positions of tokens in space, row by row: the first half of the entries encodes the row, the second the column; `width`
 * must be a multiple of 4.
 *
 * @param registers the number of preceding tokens that are not rotated
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

/** Rotates queries or keys. @param x `[B, heads, tokens, width]` */
export function rotate(x: tf.Tensor4D, { cos, sin, partner, tokens, width }: Rotary): tf.Tensor4D {
  const partners = tf.matMul(tf.reshape(x, [-1, width]) as tf.Tensor2D, tf.tensor2d(partner, [width, width]));
  const turned = tf.mul(tf.reshape(partners, x.shape), tf.tensor2d(sin, [tokens, width]));
  return tf.add(tf.mul(x, tf.tensor2d(cos, [tokens, width])), turned);
}
