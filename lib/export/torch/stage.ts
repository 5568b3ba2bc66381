import type { Place, VideoShape, Weights } from "../../nn";
import type { TorchModule } from "./module";

/** A stage between stimulus and readouts to describe. */
export interface StageInput {
  /** The options in the configuration, and their place for errors. */
  readonly params: unknown;
  readonly at: Place;
  /** The shape of the stage's input. */
  readonly input: VideoShape;
  /** The weights of the stage. */
  readonly get: Weights;
  /** The number of lags of the behaviour that the model reads. */
  readonly behaviorLags: number;
}

/** Describes a stage; undefined for the identity. */
export type Stage = (stage: StageInput) => TorchModule | undefined;
