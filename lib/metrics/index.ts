export { BitsPerSpike } from "./bits-per-spike";
export { bitsPerSpikeSums } from "./sums";
