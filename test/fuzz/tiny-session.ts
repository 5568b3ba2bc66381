import type { Session } from "../../lib/data";

const FRAMES = 24;
const SIZE = 5;
const UNITS = 2;

/** A valid session of 24 frames and two units, in four trials. */
export function tinySession(): Session {
  const frames = <T>(value: (t: number) => T) => Array.from({ length: FRAMES }, (_, t) => value(t));
  return {
    name: "a_1",
    samplingRate: 120,
    pixelsPerDegree: 10,
    cids: [1, 2],
    recordings: {
      noise: {
        frames: FRAMES,
        height: SIZE,
        width: SIZE,
        stim: Uint8Array.from({ length: FRAMES * SIZE * SIZE }, (_, i) => (i * 37) % 256),
        robs: Float32Array.from({ length: FRAMES * UNITS }, (_, i) => i % 3),
        eyepos: new Float32Array(FRAMES * 2).fill(0.1),
        tBins: Float64Array.from(frames((t) => t / 120)),
        trialInds: Int32Array.from(frames((t) => Math.floor(t / 6))),
        dpiValid: new Float32Array(FRAMES).fill(1),
        others: {
          pupil: { shape: [FRAMES, 1], values: Float32Array.from(frames((t) => t / 9)), whole: false },
        },
      },
    },
  };
}
