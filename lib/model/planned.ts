import type { tf } from "../engine";
import type { Geometry, LayerKernel, Mode, VideoShape, Weights } from "../nn";
import type { PlannedAdapter } from "./adapter/planned";
import type { ModelBatch } from "./batch";
import type { STAGES } from "./config";
import type { PlannedFrontend } from "./frontend/planned";
import type { PlannedReadouts, UnitFacts } from "./readout/planned";
import type { ModelWeight } from "./weights";

/** What a model is made for. */
export interface ModelInput {
  /** Frames of one sample, newest last. */
  readonly lags: number;
  /** Pixels of a frame. */
  readonly height: number;
  readonly width: number;
  /** The number of units of each session. */
  readonly units: readonly number[];
  /** The behaviour variables of a sample, V. Default 0: none are served. */
  readonly behaviors?: number;
  /** Where each unit lies in the tissue, in any unit; for readouts that predict places from it. */
  readonly unitCoordinates?: UnitFacts["coordinates"];
  /** The group of each unit, from 0; for readouts that share features in a group. */
  readonly unitGroups?: UnitFacts["groups"];
}

/** One row of the summary. */
export interface StageSummary {
  readonly stage: string;
  readonly type: string;
  /** Of one sample, without the batch. */
  readonly outputShape: readonly number[];
  readonly parameters: number;
  /** Of one sample's forward pass. */
  readonly flops: number;
  /** Numbers of one sample that training keeps for the gradient. */
  readonly kept: number;
}

/** A model before it has weights. */
export interface ModelPlan {
  readonly stages: readonly StageSummary[];
  readonly weights: readonly ModelWeight[];
  /** The convolution kernels of frontend and convnet. */
  readonly kernels: readonly LayerKernel[];
  /** Of the core's output. */
  readonly core: VideoShape;
  /** Where the core's output lies on the stimulus, by the adapters' first weights. */
  readonly geometry: Geometry;
  /** Where the core's output lies on the adapters' output. */
  readonly adapted: Geometry;
  readonly adapter: PlannedAdapter;
  readonly frontend: PlannedFrontend;
  readonly readouts: PlannedReadouts;
  /** Bins of spike history that a sample has to bring; 0 for none. */
  readonly historyLags: number;
  readonly readsEyepos: boolean;
  /** False for a modulator-only model: no stimulus is moved or read. */
  readonly seesStimulus: boolean;
  /** @param frozen stages that are as in evaluation, also in training. Default: none */
  apply(batch: ModelBatch, weights: Weights, mode: Mode, frozen?: ReadonlySet<StageName>): ModelOutputs;
}

/** A stage of a model, named as its key in the configuration. */
export type StageName = keyof typeof STAGES;

/** What a model says of a batch. */
export interface ModelOutputs {
  /** The rates of all units for all samples, `[B, N]`, or their logarithms. */
  readonly rate: tf.Tensor2D;
  /** The modulator's auxiliary loss of each sample, `[B]`, before `lambda_pred`. */
  readonly auxiliary?: tf.Tensor1D;
}
