import { swapped } from "../movie-layout";
import type { EyeTrace } from "./eye";
import type { TrialStimulus } from "./stimulus";

/** The movies of a trial under one gaze, one for each channel, `[frames, size, size]` each. */
export interface ChannelStimulus {
  readonly stim: readonly Uint8Array[];
  readonly eye: EyeTrace;
  /** Returns the movies reconstructed from a measured gaze, which may be wrong. */
  seenFrom(eye: Pick<EyeTrace, "y" | "x">): readonly Uint8Array[];
}

/** Makes a stimulus of several channels, which are seen under the gaze of the first one. */
export function withChannels(count: number, make: (channel: number) => TrialStimulus): ChannelStimulus {
  const first = make(0);
  const others = Array.from({ length: count - 1 }, (_, i) => make(i + 1));
  const seen = (eye: Pick<EyeTrace, "y" | "x">) => others.map(({ seenFrom }) => seenFrom(eye));
  return {
    stim: [first.stim, ...seen(first.eye)],
    eye: first.eye,
    seenFrom: (eye) => [first.seenFrom(eye), ...seen(eye)],
  };
}

/** Returns one movie with its channels last, `[frames, size, size, channels]`. */
export function interleaved(channels: readonly Uint8Array[]): Uint8Array {
  const [first] = channels as [Uint8Array];
  if (channels.length === 1) return first;
  const all = new Uint8Array(first.length * channels.length);
  for (const [channel, values] of channels.entries()) all.set(values, channel * first.length);
  return swapped(all, 1, channels.length, first.length);
}
