import { z } from "zod";
import { component, SAME_PLACE, type VideoShape } from "../../nn";
import { perFrame } from "../../nn/newest";
import type { PlannedModulator } from "./planned";

/** Returns the features unchanged. */
export const none = component(z.strictObject({}), (_options, _at, input: VideoShape) =>
  perFrame<PlannedModulator>({
    output: input,
    weights: [],
    flops: 0,
    geometry: SAME_PLACE,
    apply: (features) => ({ features }),
  }),
);
