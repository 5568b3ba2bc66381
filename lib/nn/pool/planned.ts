import type { Place } from "../../base/config";
import type { ConvBlockOptions, PlannedBlock } from "../conv-block-options";
import type { Plan } from "../plan";
import type { Triple, VideoShape } from "../shape";

/** A pooling, with the stride for a shortcut around it. */
export interface PlannedPool {
  readonly plan: Plan;
  readonly stride: Triple;
}

/** Plans a ConvBlock. It is passed to poolings as an argument, because the learned pooling is a block, and blocks contain poolings. */
export type BlockPlanner = (
  options: ConvBlockOptions,
  outChannels: number,
  input: VideoShape,
  at: Place,
) => PlannedBlock;
