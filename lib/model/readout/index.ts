import type { Component, VideoShape } from "../../nn";
import { gaussian } from "./gaussian";
import { linear } from "./linear";
import type { PlannedReadouts } from "./planned";

/** `readout.type` → readouts of all sessions; `units` is the number of each session's. */
export const readouts: Record<
  string,
  Component<[input: VideoShape, units: readonly number[]], PlannedReadouts>
> = {
  gaussian,
  linear,
};
