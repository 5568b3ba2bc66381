/**
 * Metrics of models of your own, and formulas of the field as functions of arrays.
 *
 * @module gradbook/metrics
 */

export { BitsPerSpike } from "./bits-per-spike";
export { correlation } from "./correlation";
export {
  type AlignedResponses,
  alignFixations,
  alignLike,
  type FixationInput,
  type FixationOptions,
  noiseCorrelations,
  psth,
} from "./fixation-responses";
export type { Measure } from "./measure";
export { metrics } from "./measures";
export { type RepeatScores, repeatScores } from "./repeats";
export { RESCALE_MODES, type Rescaled, type RescaleInput, type RescaleMode, rescaleRates } from "./rescale";
export { ResponseCorrelation } from "./response-correlation";
export { findSaccades, type Saccade, type SaccadeOptions } from "./saccades";
export {
  type EventTriggered,
  eventTriggeredAverage,
  type SpikeTriggeredInput,
  spikeTriggeredAverages,
} from "./triggered";
export type { SessionTotals, UnitSums } from "./unit-sums";
export { type TriggeredZMaps, whitenedZMaps } from "./whitened";
