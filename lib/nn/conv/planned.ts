import type { Plan } from "../plan";
import type { Triple, VideoShape } from "../shape";

/** A convolution whose options are known and whose input is not yet. */
export interface PlannedConv {
  readonly kernelSize: Triple;
  readonly stride: Triple;
  readonly dilation: Triple;
  /** For the stage that pads. */
  readonly padding: Triple;
  /** @param past frames by which the input's first one is to be repeated before it. Default 0 */
  plan(input: VideoShape, past?: number): Plan;
}
