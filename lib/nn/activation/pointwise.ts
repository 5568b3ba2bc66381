import { z } from "zod";
import { tf } from "../../engine";
import { component } from "../component";
import { perFrame } from "../newest";
import { identityPlan, type Plan, plainPlan } from "../plan";
import type { VideoShape } from "../shape";

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

export const relu = rising((x) => tf.relu(x));
export const sigmoid = rising((x) => tf.sigmoid(x));
export const tanh = rising((x) => tf.tanh(x));
export const softplus = rising((x) => tf.softplus(x));
export const square = pointwise((x) => tf.square(x));
export const none = component(z.strictObject({}), (_options, _at, input: VideoShape) => identityPlan(input));
/** `x sigmoid(x)` */
export const silu = pointwise((x) => tf.mul(x, tf.sigmoid(x)));
/** `x tanh(softplus(x))` (Misra 2019) */
export const mish = pointwise((x) => tf.mul(x, tf.tanh(tf.softplus(x))));
/** `x Φ(x)`, computed exactly with erf, without the tanh approximation (Hendrycks & Gimpel 2016) */
export const gelu = pointwise((x) => tf.mul(x, tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5)));

export const leakyrelu = component(
  z.strictObject({ negative_slope: z.number().default(0.01) }),
  (options, _at, input: VideoShape) =>
    perFrame(plainPlan(input, (x) => tf.leakyRelu(x, options.negative_slope))),
);
