import { Random } from "../../base/random";
import type { Recording, ResponseValues, Session, Truth } from "../session";
import { type ChannelStimulus, interleaved, withChannels } from "./channels";
import { Responder } from "./responses";
import { STIMULI, type StimulusType } from "./stimulus";
import { arousal, randomUnit, saccadeEffect } from "./unit";

/** The options of `simulateSession`. */
export interface SessionOptions {
  name: string;
  units: number;
  /** The number of frames of each stimulus type, in whole trials of `trialFrames`. */
  frames: Record<StimulusType, number>;
  trialFrames: number;
  /** The side of a frame in pixels. */
  size: number;
  /** The number of channels of the stimulus. Default 1. */
  channels?: number;
  samplingRate: number;
  pixelsPerDegree: number;
  seed: number;
  /** The number of presentations of each of a few pictures with the same gaze, as the stimulus type `repeats`. Default 0: none. */
  repeats?: number;
}

/** The number of repeated pictures. */
const REPEATED = 4;

/** The probability that the tracker fails in a trial, and the number of frames for which it does. */
const LOSS = { chance: 0.1, least: 12, most: 60 };

/** Simulates one session. The same options give the same numbers, bit for bit, on every machine. */
export function simulateSession(options: SessionOptions): { session: Session; truth: Truth } {
  const { name, units: count, frames, trialFrames, size, samplingRate, pixelsPerDegree, seed } = options;
  const { repeats = 0, channels = 1 } = options;
  const random = new Random(seed, name);
  const draw = random.fork("units");
  const units = Array.from({ length: count }, (_, i) => ({
    ...randomUnit(i + 1, size, draw),
    ...(channels > 1 ? { channel: i % channels } : {}),
  }));
  const responders = units.map((unit) => new Responder(unit, size, samplingRate));
  const trials = Object.values(frames).reduce((sum, n) => sum + Math.ceil(n / trialFrames), 0);
  const session: Session = {
    name,
    samplingRate,
    pixelsPerDegree,
    cids: units.map(({ cid }) => cid),
    recordings: {},
  };
  const truth: Truth = { units, rates: {} };
  const shown = (type: StimulusType, of: Random, name = "stimulus") =>
    withChannels(channels, (channel) =>
      STIMULI[type](trialFrames, size, of.fork(channel === 0 ? name : `${name} of channel ${channel}`)),
    );
  let trial = 0;
  const record = (type: string, own: number, show: (i: number) => Shown) => {
    const recording = emptyRecording(own * trialFrames, { size, channels, units: count });
    const rates = new Float32Array(recording.frames * count);
    for (let i = 0; i < own; i++) {
      const at = { trial: trial++, first: i * trialFrames };
      simulateTrial(recording, rates, { ...show(i), ...at, responders, options });
    }
    session.recordings[type] = recording;
    truth.rates[type] = rates;
  };
  for (const [type, wanted] of Object.entries(frames) as [StimulusType, number][]) {
    const first = trial;
    record(type, Math.ceil(wanted / trialFrames), (i) => {
      const of = random.fork(`trial ${first + i}`);
      const stimulus = shown(type, of);
      return { stimulus, progress: (first + i) / trials, random: of };
    });
  }
  if (repeats > 0) {
    const stimuli = Array.from({ length: REPEATED }, (_, k) =>
      shown("backimage", random, `repeated stimulus ${k}`),
    );
    const own = REPEATED * repeats;
    record("repeats", own, (i) => ({
      stimulus: stimuli[i % REPEATED]!,
      progress: i / own,
      random: random.fork(`repeat ${i}`),
    }));
  }
  return { session, truth };
}

/** The contents of one trial. */
interface Shown {
  stimulus: ChannelStimulus;
  /** The share of the session that has passed, 0 to 1. */
  progress: number;
  /** The random numbers for everything except the stimulus. */
  random: Random;
}

interface Trial extends Shown {
  trial: number;
  /** The first frame of the trial in the recording. */
  first: number;
  responders: readonly Responder[];
  options: SessionOptions;
}

function simulateTrial(
  recording: Recording,
  rates: Float32Array,
  { trial, first, progress, stimulus, responders, options, random }: Trial,
): void {
  const { trialFrames: frames, size, samplingRate, pixelsPerDegree } = options;
  const input = {
    frames,
    size,
    arousal: arousal(frames, random.fork("arousal")),
    saccadeEffect: saccadeEffect(frames, stimulus.eye.landings, samplingRate),
    progress: new Float32Array(frames).fill(progress),
  };
  const spikes = random.fork("spikes");
  responders.forEach((responder, unit) => {
    responder.rates({ ...input, stim: stimulus.stim[responder.channel]! }).forEach((rate, t) => {
      const at = (first + t) * responders.length + unit;
      rates[at] = rate;
      recording.robs[at] = spikes.poisson(rate);
    });
  });

  const { y, x, valid } = loseTracker(stimulus.eye, random.fork("tracker"));
  // The movie is computed from the measured gaze, so it is wrong where the tracker was lost.
  const believed = valid.includes(0) ? stimulus.seenFrom({ y, x }) : stimulus.stim;
  recording.stim.set(interleaved(believed), first * size * size * believed.length);
  for (let t = 0; t < frames; t++) {
    const at = first + t;
    recording.eyepos.set([x[t]! / pixelsPerDegree, y[t]! / pixelsPerDegree], 2 * at);
    recording.trialInds[at] = trial;
    recording.tBins[at] = (trial * frames + t + 0.5) / samplingRate;
    recording.dpiValid[at] = valid[t]!;
  }
}

/** Simulates the measured gaze: occasionally the tracker is lost and holds its last value. */
function loseTracker(eye: { y: Float32Array; x: Float32Array }, random: Random) {
  const [y, x] = [eye.y.slice(), eye.x.slice()];
  const valid = new Float32Array(y.length).fill(1);
  if (random.uniform() < LOSS.chance) {
    const from = 1 + random.below(y.length - 1);
    const to = Math.min(y.length, from + LOSS.least + random.below(LOSS.most - LOSS.least));
    y.fill(y[from - 1]!, from, to);
    x.fill(x[from - 1]!, from, to);
    valid.fill(0, from, to);
  }
  return { y, x, valid };
}

function emptyRecording(
  frames: number,
  { size, channels, units }: { size: number; channels: number; units: number },
): Recording {
  return {
    frames,
    height: size,
    width: size,
    ...(channels > 1 ? { channels } : {}),
    stim: new Uint8Array(frames * size * size * channels),
    robs: new Float32Array(frames * units),
    eyepos: new Float32Array(frames * 2),
    tBins: new Float64Array(frames),
    trialInds: new Int32Array(frames),
    dpiValid: new Float32Array(frames),
    others: {},
  };
}

/**
 * Returns the bits per spike of the true rates, averaged over units: Σ [r log(rate / mean) - rate + mean] / (spikes ln 2), where mean is
 * that of the counts.
 *
 * @param parts the counts and rates, `[frames, units]` each
 */
export function bestBitsPerSpike(
  parts: readonly { robs: ResponseValues; rates: Float32Array }[],
  units: number,
): number {
  const bits = Array.from({ length: units }, (_, unit) => {
    let [likelihood, expected, spikes, bins] = [0, 0, 0, 0];
    for (const { robs, rates } of parts) {
      for (let at = unit; at < robs.length; at += units) {
        likelihood += robs[at]! * Math.log(rates[at]!);
        expected += rates[at]!;
        spikes += robs[at]!;
        bins++;
      }
    }
    return (likelihood - expected - (spikes * Math.log(spikes / bins) - spikes)) / spikes / Math.LN2;
  });
  return bits.reduce((a, b) => a + b, 0) / units;
}
