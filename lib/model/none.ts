import { z } from "zod";
import type { tf } from "../engine";
import { component, type VideoShape } from "../nn";
import { identityPlan } from "../nn/plan";

/** An absent stage. */
export const none = component(z.strictObject({}), (_options, _at, input: VideoShape) => ({
  ...identityPlan(input),
  apply: (x_BTHWC: tf.Tensor5D) => x_BTHWC,
}));
