import { z } from "zod";
import { tf } from "../../engine";
import { below, component, problemAt, SAME_PLACE, type VideoShape } from "../../nn";
import { trim } from "../../nn/conv/standard";
import { type Initializer, uniformByFanIn } from "../../nn/initializers";
import { kernel, kernelOptions } from "../../nn/kernel";
import type { PlannedFrontend } from "./planned";
import { TEMPORAL_KERNELS } from "./temporal-kernels";

const options = z.strictObject({
  kernel_size: z.int().positive().default(16),
  num_channels: z.int().positive().default(6),
  init_type: z
    .enum(Object.keys(TEMPORAL_KERNELS) as [keyof typeof TEMPORAL_KERNELS])
    .default("gaussian_derivatives"),
  /** No frame after the one that is predicted from is ever seen: nothing is padded. */
  causal: z.literal(true).default(true),
  split_MP: z.literal(false, { error: "split_MP is not available yet; use false" }).default(false),
  bias: z.boolean().default(false),
  sampling_rate: z.number().positive().default(120),
  ...kernelOptions,
});

/**
 * Learned temporal filters, the same for every pixel: a valid `kernel_size × 1 × 1` convolution of the one channel to
 * `num_channels`. Initial kernels hold under window and weight norm too.
 */
export const learnableTemporal = component(options, (o, at, input: VideoShape): PlannedFrontend => {
  const { kernel_size: taps, num_channels: channels } = o;
  if (input.channels !== 1) throw problemAt(at, `takes one channel, but ${input.channels} reach it`);
  if (taps > input.time)
    throw problemAt(
      below(at, "kernel_size"),
      `${taps} taps are more than the ${input.time} lags; make it smaller or give the model more lags`,
    );
  const time = input.time - taps + 1;
  const initial: Initializer = (_, random) => {
    const series = TEMPORAL_KERNELS[o.init_type]({ taps, channels, samplingRate: o.sampling_rate }, random);
    return Float32Array.from(
      { length: taps * channels },
      (_, i) => series[i % channels]![Math.floor(i / channels)]!,
    );
  };
  const made = kernel([taps, 1, 1, 1, channels], o, initial);
  const weights = [
    ...made.weights,
    ...(o.bias ? [{ name: "bias", shape: [channels], initial: uniformByFanIn(taps) }] : []),
  ];
  return {
    output: { ...input, time, channels },
    weights: weights.map((w) => ({ ...w, name: `temporal_conv.${w.name}` })),
    flops: 2 * taps * channels * time * input.height * input.width,
    geometry: SAME_PLACE,
    apply: (x, get) => {
      const weight = (name: string) => get(`temporal_conv.${name}`);
      const y = tf.conv3d(trim(x, made.deadTaps), made.live(weight), 1, "valid");
      return o.bias ? tf.add(y, weight("bias")) : y;
    },
    temporalKernels: (get) =>
      tf.reshape(
        made.effective((name) => get(`temporal_conv.${name}`)),
        [taps, channels],
      ),
  };
});
