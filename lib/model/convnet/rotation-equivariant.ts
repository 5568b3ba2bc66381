import { z } from "zod";
import { tf } from "../../engine";
import { below, Chain, component, type Place, type Plan, problemAt, type VideoShape } from "../../nn";
import { componentOf } from "../../nn/component";
import { rotatedConvolution } from "../../nn/conv/rotated";
import { planPad } from "../../nn/conv/valid";
import { planActivation } from "../../nn/conv-block";
import { norms } from "../../nn/norm";
import { sizes, triple } from "../../nn/shape";

const options = z.strictObject({
  /** The number of features of each layer. Each layer gives every feature at every rotation. */
  channels: z.array(z.int().positive()).min(1),
  /** The kernel size of each layer, `[time, rows, columns]` with equal, odd rows and columns. */
  kernel_sizes: z.array(sizes).min(1),
  /** The number of rotations, by multiples of 360° divided by it. */
  num_rotations: z.int().min(2).default(8),
  /** Whether the edge of the image is repeated around it, so that the output has its size. */
  padding: z.boolean().default(true),
  /** The norm of each layer. All rotations of a feature share its statistics, gain and shift. */
  norm_type: z.string().nullable().default("batch"),
  norm_params: z.record(z.string(), z.unknown()).nullish(),
  act_type: z.string().nullable().default("elu"),
  act_params: z.record(z.string(), z.unknown()).nullish(),
});

/**
 * Stacks convolutions whose filters are rotated copies of each other (Ecker et al. 2019): a rotation of the image rotates the features, and
 * moves those of one rotation to the next. Weights: `layers.{i}.conv`, `layers.{i}.norm`.
 *
 * The output channels are `[num_rotations, channels]`, so a readout selects orientations by its feature weights. Rotations by multiples of
 * 90° are exact, others as exact as bilinear interpolation. Padding in time is causal.
 */
export const rotationEquivariant = component(options, (o, at, input: VideoShape): Plan => {
  if (o.channels.length !== o.kernel_sizes.length)
    throw problemAt(
      below(at, "kernel_sizes"),
      `has ${o.kernel_sizes.length} entries for the ${o.channels.length} layers of channels; give one for each`,
    );
  const chain = new Chain(input);
  o.channels.forEach((features, i) => {
    chain.add(`layers.${i}`, (shape) => planLayer(o, features, i, shape, at));
  });
  return chain.plan();
});

function planLayer(
  o: z.output<typeof options>,
  features: number,
  layer: number,
  input: VideoShape,
  at: Place,
): Plan {
  const { num_rotations: count } = o;
  const place = below(at, `kernel_sizes.${layer}`);
  const [taps, rows, columns] = triple(o.kernel_sizes[layer]!);
  if (rows !== columns || rows % 2 === 0)
    throw problemAt(
      place,
      `is ${rows} rows by ${columns} columns; kernels that rotate need equal, odd sizes`,
    );
  const margin = o.padding ? (rows - 1) / 2 : 0;
  const conv = rotatedConvolution({ count, ofInput: layer > 0 }).plan(
    { kernel_size: [taps, rows, columns] },
    place,
    count * features,
    false,
  );
  const norm = o.norm_type ?? "none";
  const chain = new Chain(input);
  const around: [number, number] = [margin, margin];
  chain.add("pad", (shape) => planPad({ time: [0, 0], rows: around, columns: around }, shape));
  chain.add("conv", (shape) => conv.plan(shape, taps - 1));
  if (norm !== "none")
    chain.add("norm", (shape) =>
      ofAllRotations(count, shape, (folded) =>
        componentOf(norms, norm, below(at, "norm_type")).plan(
          o.norm_params,
          below(at, "norm_params"),
          folded,
        ),
      ),
    );
  chain.add("act", (shape) =>
    ofAllRotations(count, shape, (folded) => planActivation(o.act_type, o.act_params, folded, at)),
  );
  return chain.plan();
}

/**
 * Plans a layer for features that all rotations share: channels `[rotations, features]` are treated as `features` channels of an image that
 * is wider by the number of rotations.
 */
function ofAllRotations(count: number, input: VideoShape, planFolded: (folded: VideoShape) => Plan): Plan {
  const folded = { ...input, width: input.width * count, channels: input.channels / count };
  const plan = planFolded(folded);
  const output = { ...plan.output, width: plan.output.width / count, channels: plan.output.channels * count };
  const { newest, behind: _, ...facts } = plan;
  return {
    ...facts,
    output,
    apply: (x, weights, mode) => {
      const [batch, time] = x.shape;
      const y = plan.apply(
        tf.reshape(x, [batch, time, folded.height, folded.width, folded.channels]),
        weights,
        mode,
      );
      return tf.reshape(y, [batch, y.shape[1], output.height, output.width, output.channels]);
    },
    ...(newest && {
      newest: (frames) => {
        const { needs } = newest(frames);
        return { plan: ofAllRotations(count, { ...input, time: needs }, planFolded), needs };
      },
    }),
  };
}
