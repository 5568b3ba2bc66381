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
