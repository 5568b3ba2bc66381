import { z } from "zod";
import { component, prefixed, SAME_PLACE, scoped, type VideoShape } from "../../nn";
import { given } from "../batch";
import { encoderOptions, planEncoder } from "./encoder";
import { withEverywhere } from "./everywhere";
import { behaviorOptions, checkBehavior, type PlannedModulator } from "./planned";

const options = z.strictObject({ ...behaviorOptions, encoder_params: encoderOptions.prefault({}) });

/** Appends the behaviour, encoded by an MLP, as additional channels, which are the same at every pixel of every frame. */
export const concat = component(options, (o, at, input: VideoShape, behaviors: number): PlannedModulator => {
  checkBehavior(o, at, input.channels, behaviors);
  const encoder = planEncoder(behaviors, o.encoder_params, at);
  const planned = (time: number): PlannedModulator => ({
    output: { ...input, time, channels: input.channels + encoder.width },
    weights: prefixed("encoder", encoder.weights),
    flops: encoder.flops,
    geometry: SAME_PLACE,
    apply: (x, behavior, weights, mode) => {
      const code = encoder.apply(given(behavior, "behavior"), scoped(weights, "encoder"), mode);
      return { features: withEverywhere(x, code) };
    },
    newest: (frames) => ({ plan: planned(frames), needs: frames }),
  });
  return planned(input.time);
});
