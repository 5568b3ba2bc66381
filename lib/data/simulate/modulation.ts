import type { Random } from "../../base/random";

/** The time constant of arousal in frames. */
const AROUSAL_FRAMES = 600;

/** Simulates slow changes of the animal's state, mean 0 and standard deviation 1 (an Ornstein-Uhlenbeck process), `[frames]`. */
export function arousal(frames: number, random: Random): Float32Array {
  const keep = Math.exp(-1 / AROUSAL_FRAMES);
  const kick = Math.sqrt(1 - keep ** 2);
  let state = random.normal();
  return Float32Array.from({ length: frames }, () => (state = keep * state + kick * random.normal()));
}

/**
 * Returns the effect of saccades on a rate, as a factor without the depth of each unit: -1 right after landing, then a rebound of +1/2 at
 * about 120 ms, and 0 elsewhere (after Reppas, Usrey & Reid 2002), `[frames]`.
 */
export function saccadeEffect(
  frames: number,
  landings: readonly number[],
  samplingRate: number,
): Float32Array {
  const effect = new Float32Array(frames);
  for (const landing of landings) {
    for (let t = landing; t < Math.min(frames, landing + 0.3 * samplingRate); t++) {
      const seconds = (t - landing) / samplingRate;
      effect[t]! += -Math.exp(-((seconds / 0.035) ** 2)) + 0.5 * Math.exp(-(((seconds - 0.12) / 0.04) ** 2));
    }
  }
  return effect;
}
