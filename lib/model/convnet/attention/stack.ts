import type { tf } from "../../../engine";
import { below, type Mode, type Place, prefixed, scoped, type WeightSpec, type Weights } from "../../../nn";
import { type BlockOptions, planBlock, type Sequence } from "./block";

/** Consecutive transformer blocks. */
export interface TransformerStack {
  readonly weights: readonly WeightSpec[];
  /** The operations for one sequence. */
  readonly flops: number;
  /** The number of values of one sequence that training keeps. */
  readonly kept: number;
  apply(x_BND: tf.Tensor3D, weights: Weights, mode: Mode): tf.Tensor3D;
}

/** Plans `count` blocks with the same options. */
export function planStack(count: number, o: BlockOptions, at: Place, sequence: Sequence): TransformerStack {
  const blocks = Array.from({ length: count }, (_, i) => planBlock(o, below(at, i), sequence));
  const sum = (of: "flops" | "kept") => blocks.reduce((total, block) => total + block[of], 0);
  return {
    weights: blocks.flatMap((block, i) => prefixed(String(i), block.weights)),
    flops: sum("flops"),
    kept: sum("kept"),
    apply: (x, get, mode) => blocks.reduce((y, block, i) => block.apply(y, scoped(get, String(i)), mode), x),
  };
}
