import { z } from "zod";
import { basisOptions, raisedCosines } from "../../base/dsp/raised-cosines";
import { tf } from "../../engine";
import { below, component, plainPlan, problemAt, type VideoShape } from "../../nn";
import { applyBank, causal, filterBank } from "./filter-bank";
import type { PlannedFrontend } from "./planned";

const options = z.strictObject({
  ...basisOptions,
  /** Whether filters use only the past, instead of the past and the future equally. */
  causal: z.boolean().default(true),
  /** The number of frames removed at the start, where the basis extends beyond the first frame. */
  chomp: z.int().nonnegative().nullable().default(null),
  sampling_rate: z.number().positive().default(240),
});

/** Applies a fixed bank of raised cosines over time, the same for every pixel; channels are `c * functions + b`. */
export const temporalBasis = component(options, (o, at, input: VideoShape): PlannedFrontend => {
  const { time, height, width, channels } = input;
  const first = o.chomp ?? 0;
  if (first >= time) throw problemAt(below(at, "chomp"), `${first} leaves nothing of the ${time} frames`);
  const basis = raisedCosines(o);
  const functions = basis.length;
  if (functions === 0)
    throw problemAt(below(at, "num_cosine_funcs"), "0 and no delta functions: the basis is empty");
  const half = Math.floor((o.history_bins + 1) / 2);
  const centred = (t: number, s: number) => s - t + half;
  /** Plans the newest `frames` output frames from `seen` input frames. */
  const planned = (frames: number, seen: number): PlannedFrontend => {
    const output = { height, width, time: frames, channels: channels * functions };
    const plan = plainPlan(output, (x) => {
      const bank = filterBank(basis, seen, o.causal ? causal : centred, seen - frames);
      const filtered = tf.stack(applyBank(x, bank), 3);
      return tf.reshape(filtered, [x.shape[0], frames, height, width, output.channels]);
    });
    return {
      ...plan,
      flops: 2 * functions * frames * seen * height * width * channels,
      temporalKernels: () => tf.reverse(tf.transpose(tf.tensor2d(basis)), 0) as tf.Tensor2D,
      newest: (newest) => {
        const needs = Math.min(seen, newest + (o.causal ? o.history_bins : half));
        return { plan: planned(newest, needs), needs };
      },
    };
  };
  return planned(time - first, time);
});
