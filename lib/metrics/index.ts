export { BitsPerSpike } from "./bits-per-spike";
export { correlation, mean, median } from "./correlation";
export { type EventTriggered, eventTriggeredAverage } from "./event-triggered";
export { type RepeatScores, repeatScores } from "./repeats";
export { findSaccades, type Saccade, type SaccadeOptions } from "./saccades";
export { type SpikeTriggeredInput, spikeTriggeredAverages } from "./spike-triggered";
export { bitsPerSpikeSums, LEAST_RATE } from "./sums";
