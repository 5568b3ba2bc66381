import { ConfigError } from "../base/config";
import type { PreparedSession } from "../data";
import type { RescaleMode } from "../metrics";
import type { TwinModule } from "../twin/twin-module";
import { evaluateSession } from "./evaluate-session";
import { Evaluation, type TriggeredPicture, type UnitScores } from "./evaluation";
import { fixationsOf } from "./fixations";
import { bestPossible, framesOf, repeatedTrials, type ScoredRepeats, scoreRepeats } from "./repeats";
import { forServed, prepareType, typeToUse } from "./stimulus-type";
import type { SaccadeTriggered } from "./triggered";
import type { ZMapPicture } from "./z-maps";

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
  const all = sessions.map(({ name }) => name);
  const names = options.sessions ?? all;
  requireNames(all, names);
  const best = scoresCounts ? (await bestPossible(twin, split))?.perUnit() : undefined;
  const repeats = await repeatsOf(twin, split, options.repeats, names);
  const aligned = await fixationsOf(twin, split, options.fixations, names);
  const units: UnitScores[] = [];
  const triggered: TriggeredPicture[] = [];
  const saccades: SaccadeTriggered[] = [];
  const maps: ZMapPicture[] = [];
  const notes = [...aligned.notes];
  for (const [i, session] of sessions.entries()) {
    if (framesOf(session, split).length === 0 || !names.includes(session.name)) continue;
    const found = await evaluateSession(twin, i, { split, triggeredFrames, pictures, zMaps, rescale });
    const firstUnit = model.unitDataset.indexOf(i);
    units.push(
      ...found.units.map((scores, unit) => ({
        ...scores,
        ...(best ? { bestPossible: best[firstUnit + unit]! } : {}),
        ...repeats.scores[i]![unit],
        ...(aligned.sessions[i] ? { psthCorrelation: aligned.sessions[i].units[unit]!.correlation } : {}),
      })),
    );
    triggered.push(...found.spikeTriggered);
    if (found.saccades) saccades.push(found.saccades);
    maps.push(...found.zMaps);
    notes.push(...found.notes);
  }
  const fixations = aligned.sessions.filter((session) => session !== undefined);
  return new Evaluation(units, triggered, saccades, repeats.count, split, { fixations, zMaps: maps, notes });
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
      const found = await typeToUse(session, split, { asked: type, usual: REPEATS });
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
