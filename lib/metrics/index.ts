export { BitsPerSpike, bitsPerSpikeSums, LEAST_RATE, subjectOf } from "./bits-per-spike";
export { correlation, mean, median } from "./correlation";
export { type RepeatScores, repeatScores } from "./repeats";
export { findSaccades, type Saccade, type SaccadeOptions } from "./saccades";
export {
  type EventTriggered,
  eventTriggeredAverage,
  type SpikeTriggeredInput,
  spikeTriggeredAverages,
} from "./triggered";
