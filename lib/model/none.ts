import { z } from "zod";
import type { tf } from "../engine";
import { component, identityPlan, type VideoShape } from "../nn";

/** An absent stage. */
export const none = component(z.strictObject({}), (_options, _at, input: VideoShape) => ({
  ...identityPlan(input),
  apply: (x_BTHWC: tf.Tensor5D) => x_BTHWC,
}));
