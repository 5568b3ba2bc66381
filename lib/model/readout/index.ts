import type { Component, VideoShape } from "../../nn";
import type { PlannedReadouts, UnitFacts } from "../stages";
import { gaussian } from "./gaussian";
import { gaussian2d } from "./gaussian2d";
import { factorized, linear } from "./linear";

/** `readout.type` → readouts of all sessions; `units` is the number of each session's. */
export const readouts: Record<
  string,
  Component<[input: VideoShape, units: readonly number[], facts?: UnitFacts], PlannedReadouts>
> = {
  gaussian,
  gaussian2d,
  factorized,
  linear,
};
