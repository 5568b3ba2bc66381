import { ConfigError } from "../base/config";
import { frameLength } from "../base/dsp/movie";
import type { PreparedSession } from "../data";
import { stimulusTypes } from "../data/read-session";
import { BitsPerSpike, correlation, type RescaleMode } from "../metrics";
import type { TwinModule } from "../twin/twin-module";
import { Evaluation, type TriggeredPicture, type UnitScores } from "./evaluation";
import { fixationsOf } from "./fixations";
import {
  addRates,
  bestPossible,
  counts,
  framesOf,
  repeatedTrials,
  rescaledRates,
  type ScoredRepeats,
  scoreRepeats,
} from "./repeats";
import { forServed, prepareType } from "./stimulus-type";
import { type Rates, type SpikeTriggered, saccadeTriggered, spikeTriggered } from "./triggered";
import { type ZMapPicture, zMapsOf, zMapsProblem } from "./z-maps";

/** The options of `evaluate`. */
export interface EvaluateOptions {
  /** The names of the sessions to score. Default: all. */
  sessions?: readonly string[];
  /**
   * The part of the sessions to score: `train`, `validation`, or a tier of held-out trials, such as `test`. Sessions without this part
   * are left out. Default `validation`.
   */
  split?: string;
  /**
   * The stimulus type whose trials are repeats. Default: for `validation`, `repeats` if the session's file has that type; otherwise
   * trials of the scored part that show the same movie.
   */
  repeats?: string;
  /**
   * The stimulus type whose responses are aligned to the start of each trial (see `AlignedFixations`). Default: for `validation`, `fixrsvp`
   * if the session's file has that type.
   */
  fixations?: string;
  /**
   * The number of frames of each session for spike-triggered averages: the scored frames, and as many evenly spaced
   * training frames as are needed. The averages describe the data and are not scores, so training frames may be used.
   * Default 10,000.
   */
  triggeredFrames?: number;
  /** The number of units of each session whose spike-triggered averages are kept as pictures. Default 6. */
  pictures?: number;
  /**
   * Also computes the z-maps of the units that are kept as pictures (see `whitenedZMaps`), for frames of up to 64 × 64 values: seconds for
   * each session at 51 × 51. Default: no.
   */
  zMaps?: boolean;
  /**
   * Also scores rates whose gain and offset are fitted to each session's scored bins (see `rescaleRates`), as `rescaledBitsPerSpike`.
   * The parameters are fitted to the bins that they are scored on. Default: no rescaled score.
   */
  rescale?: RescaleMode;
}

/**
 * Evaluates a twin: bits per spike (for spike counts) and correlation on the bins of a part of its sessions; CCnorm, explained variance and
 * oracle score on repeats; spike-triggered averages and averages around saccades, for the data and the model.
 *
 * @throws ConfigError when no session has the part that `split` names, or the twin has no session of a name
 *
 * @example
 * run.load("best");
 * display(await evaluate(experiment));
 */
export async function evaluate(twin: TwinModule, options: EvaluateOptions = {}): Promise<Evaluation> {
  const { split = "validation", triggeredFrames = 10_000, pictures = 6, zMaps = false, rescale } = options;
  const { sessions, model, scoresCounts } = twin;
  requireSplit(sessions, split);
  const names = sessions.map(({ name }) => name);
  const scoredNames = options.sessions ?? names;
  requireNames(names, scoredNames);
  const bits = new BitsPerSpike(model.unitDataset, names);
  const rescaledBits = new BitsPerSpike(model.unitDataset, names);
  const best = scoresCounts ? (await bestPossible(twin, split))?.perUnit() : undefined;
  const repeats = await repeatsOf(twin, split, options.repeats, scoredNames);
  const aligned = await fixationsOf(twin, split, options.fixations, scoredNames);
  const scores: UnitScores[] = [];
  /** The index of each scored unit among all units. */
  const indices: number[] = [];
  const triggered: TriggeredPicture[] = [];
  const saccades = [];
  const maps: ZMapPicture[] = [];
  const notes = [...aligned.notes];
  for (const [i, session] of sessions.entries()) {
    const firstUnit = model.unitDataset.indexOf(i);
    const frames = framesOf(session, split);
    if (frames.length === 0 || !scoredNames.includes(session.name)) continue;
    const scored: Rates = { frames, rates: await twin.predict(i, frames) };
    if (scoresCounts) addRates(bits, session, { ...scored, firstUnit });
    if (scoresCounts && rescale)
      addRates(rescaledBits, session, {
        frames,
        rates: rescaledRates(session, scored, rescale),
        firstUnit,
      });
    const more = trainingFrames(session, triggeredFrames - frames.length);
    const all = joined(scored, { frames: more, rates: await twin.predict(i, more) });
    const sta = spikeTriggered(session, all);
    const shown = clearest(session, sta, pictures);
    triggered.push(...shown);
    const problem = zMaps ? zMapsProblem(session) : undefined;
    if (problem) notes.push(problem);
    else if (zMaps && shown.length > 0)
      maps.push(
        ...zMapsOf(
          session,
          all.frames,
          shown.map(({ cid }) => cid),
        ),
      );
    const around = saccadeTriggered(session, scored);
    if (around) saccades.push(around);
    const correlations = correlationsOf(session, scored);
    session.cids.forEach((cid, unit) => {
      indices.push(firstUnit + unit);
      scores.push({
        session: session.name,
        cid,
        bitsPerSpike: Number.NaN,
        ...(best ? { bestPossible: best[firstUnit + unit]! } : {}),
        correlation: correlations[unit]!,
        staCorrelation: sta.correlation[unit]!,
        ...repeats.scores[i]![unit],
        ...(aligned.sessions[i] ? { psthCorrelation: aligned.sessions[i].units[unit]!.correlation } : {}),
      });
    });
  }
  const [perUnit, rescaledPerUnit] = [bits.perUnit(), rescaledBits.perUnit()];
  scores.forEach((unit, i) => {
    unit.bitsPerSpike = perUnit[indices[i]!]!;
    if (scoresCounts && rescale) unit.rescaledBitsPerSpike = rescaledPerUnit[indices[i]!]!;
  });
  const fixations = aligned.sessions.filter((session) => session !== undefined);
  return new Evaluation(scores, triggered, saccades, repeats.count, split, {
    fixations,
    zMaps: maps,
    notes,
  });
}

/** @throws ConfigError that lists the sessions of the twin, when it has none of a name */
function requireNames(known: readonly string[], names: readonly string[]): void {
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  const message = `the twin has no session ${unknown.join(", ")}; it has ${known.join(", ")}`;
  throw new ConfigError("evaluate", [{ path: "sessions", message }]);
}

/** @throws ConfigError that lists the parts of the sessions, when none has the part to score */
function requireSplit(sessions: readonly PreparedSession[], split: string): void {
  if (sessions.some((session) => framesOf(session, split).length > 0)) return;
  const there = new Set(["train", "validation", ...sessions.flatMap(({ heldOut }) => Object.keys(heldOut))]);
  const message = `no session has trials of "${split}"; they have ${[...there].join(", ")}. Trials are held out by \`split\` of the sessions' configuration: a covariate \`tiers\`, or lists of trials`;
  throw new ConfigError("evaluate", [{ path: "split", message }]);
}

/** Scores repeated trials. @returns the scores of each session's units, and the largest number of repeats */
async function repeatsOf(
  twin: TwinModule,
  split: string,
  type: string | undefined,
  names: readonly string[],
): Promise<{ scores: (ScoredRepeats | undefined)[][]; count: number }> {
  const repeated = await Promise.all(
    twin.sessions.map(async (session) => {
      if (!names.includes(session.name)) return undefined;
      const hasRepeats = split === "validation" && (await stimulusTypes(session.file)).includes(REPEATS);
      const found = type ?? (hasRepeats ? REPEATS : undefined);
      return found ? prepareType(session, found) : undefined;
    }),
  );
  let count = 0;
  const scores = await forServed(twin, repeated, async (session, predict, i) => {
    if (!names.includes(session.name)) return [];
    const trials = repeatedTrials(session, repeated[i] ? undefined : framesOf(session, split));
    count = Math.max(count, trials[0]?.firsts.length ?? 0);
    return scoreRepeats(session, trials, predict);
  });
  return { scores, count };
}

const REPEATS = "repeats";

/** Computes Pearson's correlation of counts and rates for each unit, over its valid bins. */
function correlationsOf(session: PreparedSession, { frames, rates }: Rates): number[] {
  const units = session.cids.length;
  return session.cids.map((_, unit) => {
    const bins = Array.from(frames, (_, i) => i).filter((i) => counts(session, frames[i]!, unit));
    return correlation(
      bins.map((i) => session.robs[frames[i]! * units + unit]!),
      bins.map((i) => rates[i * units + unit]!),
    );
  });
}

/** Returns `count` evenly spaced training frames. */
function trainingFrames({ train }: PreparedSession, count: number): Int32Array {
  const n = Math.max(0, Math.min(count, train.length));
  return Int32Array.from({ length: n }, (_, i) => train[Math.floor((i * train.length) / n)]!);
}

function joined(a: Rates, b: Rates): Rates {
  return {
    frames: Int32Array.from([...a.frames, ...b.frames]),
    rates: Float32Array.from([...a.rates, ...b.rates]),
  };
}

/**
 * Returns the units whose average is clearest: those with the largest ratio of the power at one lag to the mean power
 * over all lags.
 */
function clearest(
  session: PreparedSession,
  { lags, data, model, correlation }: SpikeTriggered,
  count: number,
): TriggeredPicture[] {
  const { name, cids, height, width, channels, samplingRate } = session;
  const pixels = frameLength(session);
  const at = (unit: number, lag: number) => (unit * lags.length + lag) * pixels;
  const powerAt = (unit: number, lag: number) =>
    data.subarray(at(unit, lag), at(unit, lag) + pixels).reduce((sum, value) => sum + value * value, 0);
  const found = cids.map((cid, unit) => {
    const powers = lags.map((_, lag) => powerAt(unit, lag));
    const most = Math.max(...powers);
    const mean = powers.reduce((a, b) => a + b, 0) / powers.length;
    return { cid, unit, lag: powers.indexOf(most), clarity: most / mean };
  });
  const power = (average: Float32Array, channel: number) =>
    average.reduce((sum, value, i) => (i % channels === channel ? sum + value * value : sum), 0);
  /** Returns the channel with the most power in the data's average. */
  const strongest = (start: number) => {
    const powers = Array.from({ length: channels }, (_, channel) =>
      power(data.subarray(start, start + pixels), channel),
    );
    return powers.indexOf(Math.max(...powers));
  };
  const picture = (all: Float32Array, start: number) => {
    const channel = channels === 1 ? 0 : strongest(start);
    return Array.from({ length: height * width }, (_, i) =>
      Number(all[start + i * channels + channel]!.toPrecision(5)),
    );
  };
  return found
    .filter(({ clarity }) => Number.isFinite(clarity))
    .sort((a, b) => b.clarity - a.clarity)
    .slice(0, count)
    .map(({ cid, unit, lag }) => ({
      session: name,
      cid,
      ms: (1000 * lags[lag]!) / samplingRate,
      height,
      width,
      data: picture(data, at(unit, lag)),
      model: picture(model, at(unit, lag)),
      correlation: correlation[unit]!,
    }));
}
