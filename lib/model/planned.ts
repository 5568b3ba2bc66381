import type { tf } from "../engine";
import type { UnitParameters } from "../losses/parts";
import type { Geometry, LayerKernel, Mode, VideoShape, Weights } from "../nn";
import type { ModelBatch } from "./batch";
import type { STAGES } from "./config";
import type { UnitsOf } from "./head";
import type { PlannedAdapter, PlannedFrontend, PlannedReadouts, UnitFacts } from "./stages";
import type { ModelWeight } from "./weights";

/** The input that a model is built for. */
export interface ModelInput {
  /** The number of frames of one sample. */
  readonly lags: number;
  /** The height of a frame in pixels. */
  readonly height: number;
  readonly width: number;
  /** The number of channels of a frame. Default: the configuration's `initial_input_channels`, or 1. */
  readonly channels?: number;
  /** The number of units of each session. */
  readonly units: readonly number[];
  /** The number of behaviour variables of a sample, V, of all lags. Default 0. */
  readonly behaviors?: number;
  /** The number of lags of the behaviour. Default 1. */
  readonly behaviorLags?: number;
  /** The stages that sessions have in place of the model's, in the order of sessions. Default: none. */
  readonly sessionStages?: readonly SessionStages[];
  /** The position of each unit in the tissue, in any unit of length; for readouts that predict positions from it. */
  readonly unitCoordinates?: UnitFacts["coordinates"];
  /** The group of each unit, from 0; for readouts that share features within a group. */
  readonly unitGroups?: UnitFacts["groups"];
}

/** The stages that a session has in place of the model's. */
export interface SessionStages {
  readonly adapter?: StageOptions;
  readonly readout?: StageOptions;
}

/** A stage as a configuration names it. */
export interface StageOptions {
  readonly type: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** One row of the summary. */
export interface StageSummary {
  readonly stage: string;
  readonly type: string;
  /** The output shape of one sample, without the batch axis; of the readouts, all units of all sessions. */
  readonly outputShape: readonly number[];
  readonly parameters: number;
  /** The operations of one sample's forward pass; of the readouts, those of the session with the most units. */
  readonly flops: number;
  /** The number of values of one sample that training keeps for the gradient; of the readouts, as for `flops`. */
  readonly kept: number;
}

/** A model before it has weights. */
export interface ModelPlan {
  readonly stages: readonly StageSummary[];
  readonly weights: readonly ModelWeight[];
  /** The convolution kernels of frontend and convnet. */
  readonly kernels: readonly LayerKernel[];
  /** The shape of the core's output. */
  readonly core: VideoShape;
  /** The position of the core's output on the stimulus, under the adapters' initial weights. */
  readonly geometry: Geometry;
  /** The position of the core's output on the adapters' output. */
  readonly adapted: Geometry;
  readonly adapter: PlannedAdapter;
  readonly frontend: PlannedFrontend;
  readonly readouts: PlannedReadouts;
  /** The number of spike history bins that a sample needs; 0 for none. */
  readonly historyLags: number;
  readonly readsEyepos: boolean;
  /** False for a modulator-only model, for which no stimulus is loaded or read. */
  readonly seesStimulus: boolean;
  /** Applies the model. */
  apply(batch: ModelBatch, weights: Weights, mode: Mode, how: ApplyOptions): ModelOutputs;
}

/** The options of `ModelPlan.apply`. */
export interface ApplyOptions {
  /** Whether the rates are those of all units for each sample, or of its own session's units. */
  readonly unitsOf: UnitsOf;
  /** The stages that run in evaluation mode also in training. Default: none */
  readonly frozen?: ReadonlySet<StageName>;
  /** Receives, and may replace, the output of each stage between stimulus and readout. Default: none */
  readonly tap?: StageTap;
}

/** The stages whose outputs a tap receives. */
export type CoreStage = Exclude<StageName, "readout">;

/** Receives the output of a stage, `[B, T, H, W, C]`, and returns the input of the next one. */
export type StageTap = (stage: CoreStage, output: tf.Tensor5D) => tf.Tensor5D;

/** A stage of a model, named as its key in the configuration. */
export type StageName = keyof typeof STAGES;

/** The outputs of a model for a batch of B samples. */
export interface ModelOutputs {
  /**
   * Rates, or their logarithms: of all N units for each sample, `[B, N]`; or of the units of the sample's session, `[B, U]`, where U is
   * the largest number of units of a session.
   */
  readonly rate: tf.Tensor2D;
  /** The parameters that the loss learns for each unit, such as the variance: `[1, N]` or `[B, U]`. */
  readonly parameters: UnitParameters;
  /** The modulator's auxiliary loss of each sample, `[B]`, before `lambda_pred`. */
  readonly auxiliary?: tf.Tensor1D;
}
