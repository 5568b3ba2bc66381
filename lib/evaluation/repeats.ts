import { createHash } from "node:crypto";
import type { PreparedSession } from "../data";
import { type RepeatScores, repeatScores } from "../metrics";
import { counts } from "./add-rates";

/** Trials that show the same movie: their first frames and the movie's length. */
export interface Repeated {
  firsts: number[];
  length: number;
}

/**
 * Stimuli that were shown less often than this share of the most repeated stimulus are left out, because all stimuli
 * are cut to the same number of repeats.
 */
const OFTEN = 0.5;

/**
 * Finds trials that show the same movie by comparing the movies. No labels are needed, and a trial whose movie differs
 * (because eye tracking was lost) is left out. All stimuli are cut to the same number of repeats.
 *
 * @param frames only trials with one of these frames. Default: all trials
 */
export function repeatedTrials(session: PreparedSession, frames?: Int32Array): Repeated[] {
  const { stim, height, width, trialInds } = session;
  const wanted = frames && new Set(frames.map((frame) => trialInds[frame]!));
  const byMovie = new Map<string, Repeated>();
  for (let first = 0; first < trialInds.length; ) {
    let end = first;
    while (end < trialInds.length && trialInds[end] === trialInds[first]) end++;
    if (!wanted || wanted.has(trialInds[first]!)) {
      const movie = stim.subarray(first * height * width, end * height * width);
      const key = `${end - first} ${createHash("sha1").update(movie).digest("hex")}`;
      const same = byMovie.get(key) ?? { firsts: [], length: end - first };
      byMovie.set(key, same);
      same.firsts.push(first);
    }
    first = end;
  }
  const shown = [...byMovie.values()].filter(({ firsts }) => firsts.length > 1);
  const most = Math.max(...shown.map(({ firsts }) => firsts.length));
  const often = shown.filter(({ firsts }) => firsts.length >= OFTEN * most);
  const repeats = Math.min(...often.map(({ firsts }) => firsts.length));
  return often.map(({ firsts, length }) => ({ firsts: firsts.slice(0, repeats), length }));
}

/**
 * Scores every unit of a session on its repeated trials, with all stimuli concatenated.
 *
 * @param predict returns the rates of frames, `[frames, units]`
 * @returns the scores of each unit; undefined for a unit with fewer than two bins that are valid in all repeats
 */
export async function scoreRepeats(
  session: PreparedSession,
  repeated: readonly Repeated[],
  predict: (frames: Int32Array) => Promise<Float32Array>,
): Promise<(RepeatScores | undefined)[]> {
  const valid = new Set([...session.train, ...session.validation]);
  // For each repeat, the frames that have a full window of lags in all repeats of the stimulus.
  const repeats = (repeated[0]?.firsts ?? []).map((_, n) =>
    repeated.flatMap(({ firsts, length }) =>
      Array.from({ length }, (_, t) => t)
        .filter((t) => firsts.every((first) => valid.has(first + t)))
        .map((t) => firsts[n]! + t),
    ),
  );
  const units = session.cids.length;
  const rates: Float32Array[] = [];
  for (const frames of repeats) rates.push(await predict(Int32Array.from(frames)));
  return session.cids.map((_, unit) => {
    const bins = (repeats[0] ?? []).flatMap((_, bin) =>
      repeats.every((frames) => counts(session, frames[bin]!, unit)) ? [bin] : [],
    );
    if (bins.length < 2) return undefined;
    return repeatScores(
      repeats.map((frames) => bins.map((bin) => session.robs[frames[bin]! * units + unit]!)),
      rates.map((rate) => bins.map((bin) => rate[bin * units + unit]!)),
    );
  });
}
