import { z } from "zod";
import { component, SAME_PLACE, type VideoShape } from "../../nn";
import { embeddedGruOptions, planEmbeddedGru, planProjection } from "./embedded-gru";
import { checkBehavior, type PlannedModulator } from "./planned";

const options = z.strictObject(embeddedGruOptions);

/** Applies a ConvGRU to the frames with the embedded behaviour, and a 1×1 projection to its last state. */
export const convgru = component(options, (o, at, input: VideoShape, behaviors: number): PlannedModulator => {
  checkBehavior(o, at, input.channels, behaviors);
  const gru = planEmbeddedGru(o, "gru", at, input, behaviors);
  const output = { ...input, time: 1, channels: gru.hidden };
  const projection = planProjection(output, gru.hidden);
  return {
    output,
    weights: [...gru.weights, ...projection.weights],
    flops: gru.flops + projection.flops,
    geometry: SAME_PLACE,
    apply: (x, behavior, weights, mode) => ({
      features: projection.apply(gru.apply(x, behavior, weights, mode), weights),
    }),
  };
});
