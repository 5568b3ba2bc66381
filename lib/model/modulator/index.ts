import { z } from "zod";
import { type Component, component, SAME_PLACE, type VideoShape } from "../../nn";
import { perFrame } from "../../nn/newest";
import type { PlannedModulator } from "../stages";
import { concat, film } from "./encoded";
import { convgruModulator, pc } from "./recurrent";

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

/** `modulator.type` → modulator; `behaviors` is the number of behaviour variables of a sample, of all its `lags` (default 1). */
export const modulators: Record<
  string,
  Component<[input: VideoShape, behaviors: number, lags?: number], PlannedModulator>
> = { none, concat, film, convgru: convgruModulator, pc };
