import { z } from "zod";
import { tf } from "../../engine";
import { component, prefixed, type VideoShape, type Weights } from "../../nn";
import { constant, normal, uniformByFanIn, zeros } from "../../nn/initializers";
import { ofSessions, type PlannedReadouts } from "./planned";

const options = z.strictObject({
  bias: z.boolean().default(true),
  initial_std: z.number().positive().default(5),
  initial_mean_scale: z.number().nonnegative().default(0),
});

/** Narrower than a pixel's thousandth is no mask any more; the gradient stops there. */
const LEAST_STD = 1e-3;
const LEAST_SUM = 1e-8;

/**
 * Per unit: feature weights, and a 2-D Gaussian over the pixels of the core's output, mean 0 in its centre, rotated by
 * theta, of sum 1. After Klindt et al. 2017 and Lurz et al. 2021, with the whole mask instead of a sampled point.
 */
export const gaussian = component(options, (o, _at, input: VideoShape, units: readonly number[]) => {
  const { height, width, channels } = input;
  const pixels = height * width;
  const total = units.reduce((a, b) => a + b, 0);
  const weights = units.flatMap((n, session) =>
    prefixed(String(session), [
      { name: "features.weight", shape: [channels, n], initial: uniformByFanIn(channels) },
      { name: "mean", shape: [n, 2], initial: normal(o.initial_mean_scale) },
      { name: "std", shape: [n, 2], initial: constant(o.initial_std) },
      { name: "theta", shape: [n], initial: zeros },
      ...(o.bias ? [{ name: "bias", shape: [n], initial: zeros }] : []),
    ]),
  );
  const all = (get: Weights, name: string) => tf.concat(ofSessions(units, get, name), 0);
  const masks = (get: Weights) =>
    gaussianMasks(all(get, "mean"), all(get, "std"), all(get, "theta"), height, width);

  const apply = (x: tf.Tensor5D, get: Weights) => {
    const batch = x.shape[0];
    const last = tf.slice(x, [0, x.shape[1] - 1, 0, 0, 0], [batch, 1, height, width, channels]);
    const features = tf.concat(ofSessions(units, get, "features.weight"), 1);
    // Every unit's mask in one matrix: one product for the whole batch and all sessions.
    const byChannel = tf.transpose(tf.reshape(last, [batch, pixels, channels]), [0, 2, 1]);
    const seen = tf.matMul(tf.reshape(byChannel, [batch * channels, pixels]), masks(get), false, true);
    const rates = tf.sum(tf.mul(tf.reshape(seen, [batch, channels, total]), features), 1) as tf.Tensor2D;
    return o.bias ? tf.add<tf.Tensor2D>(rates, all(get, "bias")) : rates;
  };
  const readouts: PlannedReadouts = {
    weights,
    flops: 2 * channels * pixels * total,
    apply,
    biasOf: (session) => (o.bias ? `${session}.bias` : undefined),
    masks: { apply: masks, means: (get) => all(get, "mean") as tf.Tensor2D },
  };
  return readouts;
});

/** `[N, height * width]`: exp(-(u² + v²) / 2) over its sum, u and v the rotated distances in standard deviations. */
function gaussianMasks(
  mean: tf.Tensor,
  std: tf.Tensor,
  theta: tf.Tensor,
  height: number,
  width: number,
): tf.Tensor2D {
  const units = mean.shape[0]!;
  const column = (table: tf.Tensor, i: number) =>
    tf.reshape(tf.slice(table, [0, i], [units, 1]), [units, 1, 1]);
  const grid = (size: number) => Float32Array.from({ length: size }, (_, i) => i - (size - 1) / 2);
  const dy = tf.sub(tf.tensor3d(grid(height), [1, height, 1]), column(mean, 0));
  const dx = tf.sub(tf.tensor3d(grid(width), [1, 1, width]), column(mean, 1));
  const angle = tf.reshape(theta, [units, 1, 1]);
  const [cos, sin] = [tf.cos(angle), tf.sin(angle)];
  const wide = tf.maximum(std, LEAST_STD);
  const u = tf.div(tf.add(tf.mul(dy, cos), tf.mul(dx, sin)), column(wide, 0));
  const v = tf.div(tf.sub(tf.mul(dx, cos), tf.mul(dy, sin)), column(wide, 1));
  const bell = tf.reshape(tf.exp(tf.mul(tf.add(tf.square(u), tf.square(v)), -0.5)), [units, height * width]);
  return tf.div(bell, tf.add(tf.sum(bell, 1, true), LEAST_SUM));
}
