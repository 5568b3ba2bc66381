// A user-defined core, as written with `from "gradbook"`.
import { z } from "zod";
import { component, SAME_PLACE, tf, type VideoShape, zeros } from "../../../lib";

/** A gain for each channel, to a power. */
export const MyCore = component(
  z.strictObject({ power: z.number().positive().default(1) }),
  ({ power }, _at, input: VideoShape) => ({
    output: input,
    weights: [{ name: "log_gain", shape: [input.channels], initial: zeros }],
    flops: 0,
    geometry: SAME_PLACE,
    apply: (x: tf.Tensor5D, weights: (name: string) => tf.Variable) =>
      tf.mul<tf.Tensor5D>(x, tf.exp(tf.mul(weights("log_gain"), power))),
  }),
);

/** A frontend that scales by the frames per second. */
export const MyFrontend = component(
  z.strictObject({ sampling_rate: z.number().positive().default(1) }),
  ({ sampling_rate }, _at, input: VideoShape) => ({
    output: input,
    weights: [],
    flops: sampling_rate,
    geometry: SAME_PLACE,
    apply: (x: tf.Tensor5D) => tf.mul<tf.Tensor5D>(x, sampling_rate),
  }),
);

export const notACore = 3;
