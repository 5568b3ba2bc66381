import { tf } from "../../engine";
import { constant, type Initializer } from "../../nn/initializers";

/** The transform of a session's frames: a map from output to input positions, both from -1 to 1 between the edges. */
export interface Transform {
  readonly name: string;
  readonly shape: readonly number[];
  readonly initial: Initializer;
  /** Returns the scale of the direction that shrinks most, `[B]`. */
  leastStretch(parameters: tf.Tensor): tf.Tensor1D;
  /** Maps positions of the output to positions of the input, `[B, P]` or `[B, 1]` each. */
  map(parameters: tf.Tensor, x: tf.Tensor2D, y: tf.Tensor2D): { x: tf.Tensor2D; y: tf.Tensor2D };
  /** Whether x of the input depends only on x of the output, and y only on y. */
  readonly separable: boolean;
}

/** Added under the square root, so that it has a gradient when a matrix has equal singular values. */
const LEAST_SQUARE = 1e-12;

const column = (table: tf.Tensor, i: number) => tf.slice(table, [0, i], [table.shape[0]!, 1]) as tf.Tensor2D;

/** `adapter.params.transform` → transform. */
export const TRANSFORMS = {
  /** `(x s_x, y s_y)`, where s is the softplus of `log_scale`; initially 1. */
  scale: {
    name: "log_scale",
    shape: [2],
    initial: constant(Math.log(Math.expm1(1))),
    separable: true,
    leastStretch: (parameters) => tf.min(tf.softplus(parameters), 1),
    map: (parameters, x, y) => {
      const s = tf.softplus(parameters);
      return { x: tf.mul(x, column(s, 0)), y: tf.mul(y, column(s, 1)) };
    },
  },
  /** `A (x, y, 1)`, where A is the 2 × 3 matrix `affine`; initially the identity. */
  affine: {
    name: "affine",
    shape: [2, 3],
    initial: () => Float32Array.of(1, 0, 0, 0, 1, 0),
    separable: false,
    // The smaller singular value: |Q - R|, where Q is the rotating and scaling part of A and R the rest.
    leastStretch: (parameters) => {
      const { a, b, c, d } = entries(parameters);
      const half = (u: tf.Tensor, v: tf.Tensor) =>
        tf.sqrt(tf.maximum(tf.mul(tf.add(tf.square(u), tf.square(v)), 0.25), LEAST_SQUARE));
      const difference = tf.sub(half(tf.add(a, d), tf.sub(c, b)), half(tf.sub(a, d), tf.add(c, b)));
      return tf.reshape(tf.abs(difference), [-1]);
    },
    map: (parameters, x, y) => {
      const { a, b, c, d, right, down } = entries(parameters);
      const line = (p: tf.Tensor, q: tf.Tensor, r: tf.Tensor) =>
        tf.add<tf.Tensor2D>(tf.add(tf.mul(x, p), tf.mul(y, q)), r);
      return { x: line(a, b, right), y: line(c, d, down) };
    },
  },
} as const satisfies Record<string, Transform>;

/** Returns the entries `[[a, b, right], [c, d, down]]`, each `[B, 1]`. */
function entries(parameters: tf.Tensor) {
  const rows = tf.reshape(parameters, [-1, 6]);
  const [a, b, right, c, d, down] = [0, 1, 2, 3, 4, 5].map((i) => column(rows, i));
  return { a: a!, b: b!, c: c!, d: d!, right: right!, down: down! };
}

/** The least width in pixels; narrower blurs have no effect. */
const LEAST_SIGMA = 1e-3;
/** The maximum width of a kernel in frame sizes. A blur as wide as the frame already removes all structure. */
const WIDEST = 3;
/** The width in pixels that a kernel may have on any frame, however small. */
const LEAST_REACH = 32;

/**
 * The kinds of blur. `odd` is centred and keeps the size. `even` is that of the PyTorch package: it has one more tap on the left, so that
 * the result is one pixel shorter and half of it stands a pixel further, and its width has no gradient.
 */
export const BLURS = ["odd", "even"] as const;
/** The kind of blur of an adapter. */
export type Blur = (typeof BLURS)[number];

/** Returns the number of pixels by which a blur shortens an axis, which is also the pixel on which its first result is centred. */
export const shortenedBy = (blur: Blur): number => (blur === "even" ? 1 : 0);

/**
 * Returns Gaussian blur along an axis, with zeros outside, as one matrix for each sigma: `[B, size - shortenedBy(blur), size]`.
 *
 * The kernel has `round(6 sigma)` taps, plus one when that is even, and sum 1; an `even` kernel has one more. Shapes inside a compiled step
 * cannot depend on sigma, so the matrix covers all distances and masks those beyond the last tap. The number of taps has no gradient,
 * sigma does.
 *
 * @param sigma_B in pixels
 */
export function blurMatrices(sigma_B: tf.Tensor1D, size: number, blur: Blur): tf.Tensor3D {
  const shift = shortenedBy(blur);
  const width = blur === "even" ? stopGradient(sigma_B) : sigma_B;
  const sigma = tf.reshape(tf.maximum(width, LEAST_SIGMA), [-1, 1, 1]);
  const radius = tf.floor(tf.div(tf.round(tf.mul(sigma, 6)), 2));
  const taps = (distance: tf.Tensor3D) => {
    const bell = tf.exp(tf.mul(tf.square(tf.div(distance, sigma)), -0.5));
    const within = tf.logicalAnd(
      tf.lessEqual(distance, radius),
      tf.greaterEqual(distance, tf.neg(tf.add(radius, shift))),
    );
    return tf.mul(bell, tf.cast(within, "float32"));
  };
  const rows = size - shift;
  const between = Float32Array.from(
    { length: rows * size },
    (_, i) => (i % size) - Math.floor(i / size) - shift,
  );
  const reach = Math.max(WIDEST * size, LEAST_REACH);
  const all = Float32Array.from({ length: 2 * reach + 1 }, (_, i) => i - reach);
  const total = tf.sum(taps(tf.tensor3d(all, [1, 1, all.length])), 2, true);
  return tf.div(taps(tf.tensor3d(between, [1, rows, size])), total);
}

/** Returns the same values as a constant of the gradient. */
const stopGradient = tf.customGrad((x) => ({
  value: tf.clone(x as tf.Tensor),
  gradFunc: (dy: tf.Tensor) => [tf.zerosLike(dy)],
})) as (x: tf.Tensor1D) => tf.Tensor1D;
