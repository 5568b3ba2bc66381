import type { Plan } from "../plan";
import type { Triple, VideoShape } from "../shape";

/** A convolution with known options, before its input shape is known. */
export interface PlannedConv {
  readonly kernelSize: Triple;
  readonly stride: Triple;
  readonly dilation: Triple;
  /** The padding, which the padding stage applies. */
  readonly padding: Triple;
  /** Plans the convolution. @param past the number of times to repeat the first frame before the input. Default 0 */
  plan(input: VideoShape, past?: number): Plan;
}
