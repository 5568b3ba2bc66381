import { z } from "zod";
import { tf } from "../../engine";
import { component } from "../component";
import { identityPlan, plainPlan } from "../plan";
import type { VideoShape } from "../shape";

/** A function of each value on its own, without options. */
const pointwise = (fn: <T extends tf.Tensor>(x: T) => T) =>
  component(z.strictObject({}), (_options, _at, input: VideoShape) => plainPlan(input, fn));

export const relu = pointwise((x) => tf.relu(x));
export const sigmoid = pointwise((x) => tf.sigmoid(x));
export const tanh = pointwise((x) => tf.tanh(x));
export const softplus = pointwise((x) => tf.softplus(x));
export const square = pointwise((x) => tf.square(x));
export const none = component(z.strictObject({}), (_options, _at, input: VideoShape) => identityPlan(input));
/** `x sigmoid(x)` */
export const silu = pointwise((x) => tf.mul(x, tf.sigmoid(x)));
/** `x tanh(softplus(x))` (Misra 2019) */
export const mish = pointwise((x) => tf.mul(x, tf.tanh(tf.softplus(x))));
/** `x Φ(x)`, by erf and not by the tanh approximation (Hendrycks & Gimpel 2016) */
export const gelu = pointwise((x) => tf.mul(x, tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5)));

export const leakyrelu = component(
  z.strictObject({ negative_slope: z.number().default(0.01) }),
  (options, _at, input: VideoShape) => plainPlan(input, (x) => tf.leakyRelu(x, options.negative_slope)),
);
