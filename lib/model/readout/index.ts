import type { Component, VideoShape } from "../../nn";
import { factorized } from "./factorized";
import { gaussian } from "./gaussian";
import { gaussian2d } from "./gaussian2d";
import { linear } from "./linear";
import type { PlannedReadouts, UnitFacts } from "./planned";

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
