/**
 * Experiments on a trained twin: stimuli, tuning, receptive fields, most exciting inputs, attribution.
 *
 * @module gradbook/insilico
 */

export { type ChannelEffects, channelEffects } from "./channel-effects";
export {
  type ComparedPair,
  ComparedUnits,
  compareUnits,
  type MeasuredUnits,
  type NamedObserver,
  transferredRates,
} from "./compare-units";
export { comparedUnitsFigure } from "./compared-figure";
export {
  type ExcitingOptions,
  mostExcitingInputs,
  mostInhibitingInputs,
  type UnitInput,
} from "./exciting-inputs";
export { type ExploreState, exploreTwin } from "./explore";
export {
  attributionsFigure,
  channelEffectsFigure,
  inputsFigure,
  type MoreTuning,
  receptiveFieldsFigure,
  tuningFigure,
} from "./figures";
export type { ContrastFit, DirectionFit, Fit, FrequencyFit } from "./fit";
export { fitContrast, fitDirection, fitFrequency } from "./fit";
export {
  attributions,
  type FieldCentre,
  type Jacobian,
  jacobian,
  type ReceptiveFields,
  receptiveFields,
} from "./gradients";
export {
  type GratingTuningOptions,
  gratingTuning,
  type TuningCurve,
  type UnitTuning,
} from "./grating-tuning";
export { type DrawnStimulus, type Grating, gratings, plaids } from "./gratings";
export {
  type ContrastiveOptions,
  contrastiveInput,
  type DiverseOptions,
  diverseInputs,
  inputsOf,
  metamers,
  type ShownInput,
} from "./input-goals";
export { type Observer, observe } from "./observer";
export { type FoundInputs, type Goal, type InputOptions, optimiseInputs } from "./optimise";
export { present, presentWindows } from "./present";
export type { Smoothing } from "./smoothing";
export { trueModel } from "./true-model";
export type { TwinFacts, UnitPosition } from "./twin-facts";
export {
  type ContrastTuning,
  contrastTuning,
  type SizeTuning,
  sizeTuning,
} from "./unit-tuning";
export {
  type DotsOptions,
  movingDots,
  type NaturalOptions,
  naturalWindows,
  type SparseNoiseOptions,
  sparseNoise,
  type Windows,
} from "./windows";
