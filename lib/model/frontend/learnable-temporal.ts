import { z } from "zod";
import { tf } from "../../engine";
import { below, component, problemAt, SAME_PLACE, type VideoShape } from "../../nn";
import { trim } from "../../nn/conv/valid";
import { type Initializer, uniformByFanIn } from "../../nn/initializers";
import { kernel, kernelOptions } from "../../nn/kernel";
import { LEAST_SIZE, splitFrames } from "./low-pass";
import type { PlannedFrontend } from "./planned";
import { TEMPORAL_KERNELS } from "./temporal-kernels";

const options = z.strictObject({
  kernel_size: z.int().positive().default(16),
  num_channels: z.int().positive().default(6),
  init_type: z
    .enum(Object.keys(TEMPORAL_KERNELS) as [keyof typeof TEMPORAL_KERNELS])
    .default("gaussian_derivatives"),
  /** Always causal: no later frame is used, and nothing is padded. */
  causal: z.literal(true).default(true),
  /** Whether half of the channels filter each frame's residual and the others its low-pass. */
  split_MP: z.boolean().default(false),
  bias: z.boolean().default(false),
  sampling_rate: z.number().positive().default(120),
  ...kernelOptions,
});

/**
 * Applies learned temporal filters, the same for every pixel: a valid `kernel_size × 1 × 1` convolution from one channel to
 * `num_channels`. The initial kernels also apply under window and weight norm. With `split_MP`, the first half of the channels filters
 * each frame's residual, the second half its low-pass.
 */
export const learnableTemporal = component(options, (o, at, input: VideoShape): PlannedFrontend => {
  const { kernel_size: taps, num_channels: channels } = o;
  if (input.channels !== 1) throw problemAt(at, `takes one channel, but ${input.channels} reach it`);
  if (taps > input.time)
    throw problemAt(
      below(at, "kernel_size"),
      `${taps} taps are more than the ${input.time} lags; make it smaller or give the model more lags`,
    );
  if (o.split_MP && channels % 2 !== 0)
    throw problemAt(below(at, "num_channels"), `${channels} is odd; split_MP needs two halves`);
  if (o.split_MP && Math.min(input.height, input.width) < LEAST_SIZE)
    throw problemAt(
      below(at, "split_MP"),
      `needs frames of ${LEAST_SIZE} × ${LEAST_SIZE} pixels at least; they are ${input.height} × ${input.width}`,
    );
  const time = input.time - taps + 1;
  // Both halves start with the same series.
  const series = o.split_MP ? channels / 2 : channels;
  const initial: Initializer = (_, random) => {
    const { init_type, sampling_rate: samplingRate } = o;
    const drawn = TEMPORAL_KERNELS[init_type]({ taps, channels: series, samplingRate }, random);
    return Float32Array.from(
      { length: taps * channels },
      (_, i) => drawn[(i % channels) % series]![Math.floor(i / channels)]!,
    );
  };
  const made = kernel([taps, 1, 1, 1, channels], o, initial);
  const weights = [
    ...made.weights,
    ...(o.bias ? [{ name: "bias", shape: [channels], initial: uniformByFanIn(taps) }] : []),
  ];
  const planned = (frames: number): PlannedFrontend => ({
    output: { ...input, time: frames, channels },
    weights: weights.map((w) => ({ ...w, name: `temporal_conv.${w.name}` })),
    flops: 2 * taps * channels * frames * input.height * input.width,
    geometry: SAME_PLACE,
    apply: (x, get) => {
      const weight = (name: string) => get(`temporal_conv.${name}`);
      const [seen, live] = [trim(x, made.deadTaps), made.live(weight)];
      const y = o.split_MP ? convolveHalves(seen, live) : tf.conv3d(seen, live, 1, "valid");
      return o.bias ? tf.add(y, weight("bias")) : y;
    },
    temporalKernels: (get) =>
      tf.reshape(
        made.effective((name) => get(`temporal_conv.${name}`)),
        [taps, channels],
      ),
    newest: (newest) => ({ plan: planned(newest), needs: newest + taps - 1 }),
  });
  return planned(time);
});

/** Applies the first half of the kernels to the residual, the second to the low-pass. */
function convolveHalves(x: tf.Tensor5D, kernels: tf.Tensor5D): tf.Tensor5D {
  const { residual, low } = splitFrames(x);
  const [ofResidual, ofLow] = tf.split<tf.Tensor5D>(kernels, 2, 4);
  return tf.concat([tf.conv3d(residual, ofResidual!, 1, "valid"), tf.conv3d(low, ofLow!, 1, "valid")], 4);
}
