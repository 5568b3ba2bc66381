import type { Place } from "../../base/config";
import type { ConvBlockOptions, PlannedBlock } from "../conv-block-options";
import type { Plan } from "../plan";
import type { Triple, VideoShape } from "../shape";

/** A pooling, with the stride that a shortcut around it has to take. */
export interface PlannedPool {
  readonly plan: Plan;
  readonly stride: Triple;
}

/** Plans a ConvBlock: given to poolings, since one of them is a block, and blocks have poolings. */
export type BlockPlanner = (
  options: ConvBlockOptions,
  outChannels: number,
  input: VideoShape,
  at: Place,
) => PlannedBlock;
