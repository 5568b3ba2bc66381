import { z } from "zod";
import { tf } from "../../../engine";
import { type Place, prefixed, scoped, type VideoShape, type Weights } from "../../../nn";
import { validOutput } from "../../../nn/conv/valid";
import { planDense } from "../../../nn/dense";
import { uniformByFanIn } from "../../../nn/initializers";
import type { PlanFacts } from "../../../nn/plan";
import { amounts, sizes, triple, windowAxis } from "../../../nn/shape";
import { TOKEN_NORMS, tokenNormNames } from "./token-norms";

/** Options of the division into tubelets. */
export const tokenizerOptions = z.strictObject({
  kernel_size: sizes.default(4),
  stride: sizes.default(4),
  norm: z.enum(tokenNormNames).default("rmsnorm"),
  /** Zeros around height and width. */
  padding: amounts.default(0),
});

/** The plan of a tokenizer, which makes tokens from tubelets. */
export interface Tokenizer extends PlanFacts {
  /** `[B, t, h, w, D]` */
  apply(x_BTHWC: tf.Tensor5D, weights: Weights): tf.Tensor5D;
}

/**
 * Plans the division of the movie into tubelets (Arnab et al. 2021): a convolution to the number of values of a tubelet, a norm, a dense
 * layer to D, a norm. The oldest frames are dropped if they do not fill a tubelet, so that the last tubelet ends with the newest frame.
 *
 * @throws ConfigError for a tubelet larger than its input
 */
export function planTokenizer(
  o: z.output<typeof tokenizerOptions>,
  width: number,
  at: Place,
  input: VideoShape,
): Tokenizer {
  const size = triple(o.kernel_size);
  const stride = triple(o.stride);
  const [, rows, columns] = triple(o.padding);
  const padded = { ...input, height: input.height + 2 * rows, width: input.width + 2 * columns };
  const output = { ...validOutput(padded, size, stride, [1, 1, 1], at), channels: width };
  const dropped = (input.time - size[0]) % stride[0];
  const values = size[0] * size[1] * size[2] * input.channels;
  const initial = uniformByFanIn(values);
  const norm = TOKEN_NORMS[o.norm];
  const projection = planDense(values, width);
  const shape = [...size, input.channels, values];
  const tokens = output.time * output.height * output.width;
  return {
    output,
    weights: [
      { name: "conv.weight", shape, initial },
      { name: "conv.bias", shape: [values], initial },
      ...prefixed("norm1", norm.weights(values)),
      ...prefixed("proj", projection.weights),
      ...prefixed("norm2", norm.weights(width)),
    ],
    flops: tokens * (2 * values * values + projection.flops),
    kernels: [{ name: "conv", shape, effective: (get) => get("conv.weight") as unknown as tf.Tensor5D }],
    geometry: { y: windowAxis(size[1], stride[1], rows), x: windowAxis(size[2], stride[2], columns) },
    apply: (x, get) => {
      const [batch, time, ...frame] = x.shape;
      const recent = dropped ? tf.slice(x, [0, dropped, 0, 0, 0], [batch, time - dropped, ...frame]) : x;
      const around =
        rows + columns > 0
          ? tf.pad(recent, [
              [0, 0],
              [0, 0],
              [rows, rows],
              [columns, columns],
              [0, 0],
            ])
          : recent;
      const cut = tf.conv3d(around, get("conv.weight") as unknown as tf.Tensor5D, [...stride], "valid");
      const first = norm.apply(tf.add(cut, get("conv.bias")), scoped(get, "norm1"));
      const flat = tf.reshape(first, [-1, values]) as tf.Tensor2D;
      const dense = projection.apply(flat, scoped(get, "proj"), { training: false });
      const { height, width: columns_ } = output;
      const video = tf.reshape(dense, [batch, output.time, height, columns_, width]) as tf.Tensor5D;
      return norm.apply(video, scoped(get, "norm2"));
    },
  };
}
