import { tf } from "../../../engine";
import type { WeightSpec, Weights } from "../../../nn";
import { constant, ones, zeros } from "../../../nn/initializers";

const EPS = 1e-5;

interface TokenNorm {
  weights(width: number): WeightSpec[];
  /** Normalises over the last axis. */
  apply<T extends tf.Tensor>(x: T, weights: Weights): T;
}

const gamma = (width: number): WeightSpec => ({ name: "gamma", shape: [width], initial: ones });
const beta = (width: number): WeightSpec => ({ name: "beta", shape: [width], initial: zeros });

/** Computes `x / sqrt(mean(x²) + eps)` over the last axis. */
export function rootMeanSquare<T extends tf.Tensor>(x: T): T {
  return tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), EPS)));
}

/** Norms of tokens by name. */
export const TOKEN_NORMS = {
  /** Zhang & Sennrich 2019. */
  rmsnorm: {
    weights: (width) => [gamma(width)],
    apply: (x, get) => tf.mul(rootMeanSquare(x), get("gamma")),
  },
  /** Ba et al. 2016. */
  layernorm: {
    weights: (width) => [gamma(width), beta(width)],
    apply: (x, get) => {
      const centred = tf.sub(x, tf.mean(x, -1, true));
      return tf.add(tf.mul(rootMeanSquare(centred), get("gamma")), get("beta"));
    },
  },
  /** `tanh(alpha x) gamma + beta`, where alpha is one number (Zhu et al. 2025). */
  dyt: {
    weights: (width) => [gamma(width), beta(width), { name: "alpha", shape: [1], initial: constant(0.5) }],
    apply: (x, get) => tf.add(tf.mul(tf.tanh(tf.mul(x, get("alpha"))), get("gamma")), get("beta")),
  },
} as const satisfies Record<string, TokenNorm>;

/** The name of a norm of tokens. */
export type TokenNormName = keyof typeof TOKEN_NORMS;

/** The names of the norms of tokens. */
export const tokenNormNames = Object.keys(TOKEN_NORMS) as [TokenNormName];
