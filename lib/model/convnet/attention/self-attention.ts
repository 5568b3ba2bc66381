import { tf } from "../../../engine";
import { type Rotary, rotate } from "./rotary";
import { rootMeanSquare } from "./token-norms";

/** The heads of a layer. */
interface Heads {
  readonly num_heads: number;
  readonly head_dim: number;
  readonly normalize_qk: boolean;
}

/** The sequences that a layer attends to. */
interface Attended {
  readonly tokens: number;
  readonly causal: boolean;
  readonly rotary: Rotary | undefined;
}

/** Added to the logarithm of an attention weight to mask later tokens. */
const NEVER = -1e9;

/** Computes `softmax(q k / √head_dim) v` with joined heads: `[B, N, 3 heads head_dim]` → `[B, N, heads head_dim]`. */
export function attention(
  qkv: tf.Tensor3D,
  { num_heads: heads, head_dim: width, normalize_qk }: Heads,
  { tokens, causal, rotary }: Attended,
  drop: (weights: tf.Tensor4D) => tf.Tensor4D,
): tf.Tensor3D {
  const batch = qkv.shape[0];
  const split = tf.transpose(tf.reshape(qkv, [batch, tokens, 3, heads, width]), [2, 0, 3, 1, 4]);
  const [q, k, v] = tf.unstack(split) as tf.Tensor4D[];
  const placed = (x: tf.Tensor4D) => {
    const y = normalize_qk ? rootMeanSquare(x) : x;
    return rotary ? rotate(y, rotary) : y;
  };
  const scores = tf.div<tf.Tensor4D>(tf.matMul(placed(q!), placed(k!), false, true), Math.sqrt(width));
  const seen = causal ? tf.add<tf.Tensor4D>(scores, tf.tensor2d(future(tokens), [tokens, tokens])) : scores;
  const joined = tf.transpose(tf.matMul(drop(tf.softmax(seen)), v!), [0, 2, 1, 3]);
  return tf.reshape(joined, [batch, tokens, heads * width]);
}

const future = (tokens: number) =>
  Float32Array.from({ length: tokens ** 2 }, (_, i) => (i % tokens > Math.floor(i / tokens) ? NEVER : 0));
