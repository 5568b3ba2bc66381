import { z } from "zod";
import { tf } from "../engine";
import { type Component, component } from "./component";
import { constant, ones } from "./initializers";
import { perFrame } from "./newest";
import { identityPlan, type Plan, plainPlan, sizeOf, type Weights } from "./plan";
import { SAME_PLACE, type VideoShape } from "./shape";

/** `softplus(beta x) / beta`, where beta is learned as its logarithm and clamped to `[beta_min, beta_max]`. */
export const bsoftplus = component(
  z.strictObject({
    beta_init: z.number().positive().default(1),
    beta_min: z.number().positive().default(0.1),
    beta_max: z.number().positive().default(10),
  }),
  ({ beta_init, beta_min, beta_max }, _at, input: VideoShape): Plan =>
    perFrame({
      output: input,
      weights: [{ name: "log_beta", shape: [], initial: constant(Math.log(beta_init)) }],
      flops: 0,
      geometry: SAME_PLACE,
      apply: (x, weights) => {
        const beta = tf.clipByValue(tf.exp(weights("log_beta")), beta_min, beta_max);
        return tf.div(tf.softplus(tf.mul(x, beta)), beta);
      },
    }),
);

/** Makes an activation without options from an elementwise function. */
const pointwise = (fn: <T extends tf.Tensor>(x: T) => T) =>
  component(z.strictObject({}), (_options, _at, input: VideoShape) => perFrame(plainPlan(input, fn)));

/** Makes an activation from a monotonic function, which commutes with the maximum. */
const rising = (fn: (x: tf.Tensor5D) => tf.Tensor5D) =>
  component(z.strictObject({}), (_options, _at, input: VideoShape) => ({
    ...perFrame(plainPlan(input, fn)),
    behind: (pooling: Plan) => after(pooling, fn),
  }));

/** Applies an elementwise function to the output of a pooling. */
function after(pooling: Plan, fn: (x: tf.Tensor5D) => tf.Tensor5D): Plan {
  const { newest } = pooling;
  return {
    ...pooling,
    apply: (x, weights, mode) => fn(pooling.apply(x, weights, mode)),
    ...(newest && {
      newest: (frames) => {
        const { plan, needs } = newest(frames);
        return { plan: after(plan, fn), needs };
      },
    }),
  };
}

/** `max(x, 0)` */
export const relu = rising((x) => tf.relu(x));
/** `x` where it is positive, else `exp(x) - 1` (Clevert et al. 2016). */
export const elu = rising((x) => tf.elu(x));
/** `1 / (1 + exp(-x))` */
export const sigmoid = rising((x) => tf.sigmoid(x));
/** The hyperbolic tangent. */
export const tanh = rising((x) => tf.tanh(x));
/** `log(1 + exp(x))` */
export const softplus = rising((x) => tf.softplus(x));
const square = pointwise((x) => tf.square(x));
/** The identity. */
export const none = component(z.strictObject({}), (_options, _at, input: VideoShape) => identityPlan(input));
/** `x sigmoid(x)` */
export const silu = pointwise((x) => tf.mul(x, tf.sigmoid(x)));
/** `x tanh(softplus(x))` (Misra 2019) */
const mish = pointwise((x) => tf.mul(x, tf.tanh(tf.softplus(x))));
/** `x Φ(x)`, computed exactly with erf, without the tanh approximation (Hendrycks & Gimpel 2016) */
export const gelu = pointwise((x) => tf.mul(x, tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5)));

/** `x` where it is positive, else `negative_slope x`. */
export const leakyrelu = component(
  z.strictObject({ negative_slope: z.number().default(0.01) }),
  (options, _at, input: VideoShape) =>
    perFrame(plainPlan(input, (x) => tf.leakyRelu(x, options.negative_slope))),
);

/** `[relu(x) |gain|, relu(-x)]`: twice the channels. */
export const splitrelu = component(
  z.strictObject({ trainable_gain: z.boolean().default(false) }),
  ({ trainable_gain: trained }, _at, input: VideoShape): Plan => {
    const halves = (up: tf.Tensor5D, down: tf.Tensor5D, weights: Weights) => {
      const on = tf.relu(up);
      const gained = trained ? tf.mul<tf.Tensor5D>(on, tf.abs(weights("gain"))) : on;
      return tf.concat([gained, tf.relu(down)], -1);
    };
    const plan = perFrame<Plan>({
      output: { ...input, channels: 2 * input.channels },
      weights: [{ name: "gain", shape: [1], initial: ones, trained }],
      flops: 0,
      geometry: SAME_PLACE,
      apply: (x, weights) => halves(x, tf.neg(x), weights),
    });
    const behind = (pooling: Plan): Plan => {
      const { newest } = pooling;
      return {
        weights: plan.weights,
        flops: plan.flops,
        output: pooling.output,
        geometry: pooling.geometry,
        kept: sizeOf(input) + sizeOf(pooling.output),
        apply: (x, weights, mode) =>
          halves(pooling.apply(x, weights, mode), pooling.apply(tf.neg(x), weights, mode), weights),
        ...(newest && {
          newest: (frames) => {
            const { plan: part, needs } = newest(frames);
            return { plan: behind(part), needs };
          },
        }),
      };
    };
    return { ...plan, behind };
  },
);

/** `act_type` → activation. */
export const activations: Record<string, Component<[input: VideoShape], Plan>> = {
  relu,
  elu,
  leakyrelu,
  gelu,
  sigmoid,
  tanh,
  silu,
  swish: silu,
  mish,
  softplus,
  bsoftplus,
  splitrelu,
  square,
  none,
};
