import { frameLength } from "../base/dsp/movie";
import { type PreparedSession, trueRates } from "../data";
import { joined } from "../data/ops";
import { framesInMemory, presentationsOf, repeatedStimuli } from "../data/stimuli";
import { BitsPerSpike, type RepeatScores, type RescaleMode, repeatScores, rescaleRates } from "../metrics";
import { LEAST_RATE } from "../metrics/bits-per-spike";
import type { TwinModule } from "../twin/twin-module";

/** Whether a bin of a unit counts as valid. */
export const counts = ({ dfs, dfsColumns }: PreparedSession, frame: number, unit: number): boolean =>
  dfs[frame * dfsColumns + (dfsColumns === 1 ? 0 : unit)]! > 0;

/**
 * Adds a session's rates to running sums, as `bitsPerSpikeSums` adds those of a batch.
 *
 * @param rates `[frames, units]`, for the given frames
 * @param firstUnit the index of the session's first unit among all units
 */
export function addRates(
  sums: BitsPerSpike,
  session: PreparedSession,
  { frames, rates, firstUnit }: { frames: Int32Array; rates: Float32Array; firstUnit: number },
): void {
  const units = session.cids.length;
  const all = sums.unitDataset.length;
  frames.forEach((frame, i) => {
    for (let unit = 0; unit < units; unit++) {
      if (!counts(session, frame, unit)) continue;
      const [spikes, rate] = [session.robs[frame * units + unit]!, rates[i * units + unit]!];
      const gain = spikes * Math.log(rate + LEAST_RATE);
      [gain, rate, spikes, 1].forEach((value, row) => {
        sums.sums[row * all + firstUnit + unit]! += value;
      });
    }
  });
}

/** Returns rates with a gain and an offset fitted to the session's counts on the same frames, `[frames, units]`. */
export function rescaledRates(
  session: PreparedSession,
  { frames, rates }: { frames: Int32Array; rates: Float32Array },
  mode: RescaleMode,
): Float32Array {
  const units = session.cids.length;
  const robs = rates.map((_, i) => session.robs[frames[Math.floor(i / units)]! * units + (i % units)]!);
  const dfs = rates.map((_, i) => Number(counts(session, frames[Math.floor(i / units)]!, i % units)));
  return rescaleRates({ rates, robs, dfs, units }, mode).rates;
}

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
 * Finds presentations of the same stimulus by comparing the movies of whole trials (see `repeatedStimuli`), so no labels are needed. A
 * trial whose movie differs, because eye tracking was lost, is left out. All stimuli are cut to the same number of repeats.
 *
 * @param frames only trials with one of these frames. Default: all trials
 */
export function repeatedTrials(session: PreparedSession, frames?: Int32Array): Repeated[] {
  const { stim, trialInds } = session;
  const wanted = frames && new Set(frames.map((frame) => trialInds[frame]!));
  const presentations = presentationsOf(trialInds).filter(({ trial }) => !wanted || wanted.has(trial));
  const groups = repeatedStimuli(presentations, framesInMemory({ stim, pixels: frameLength(session) }));
  const most = Math.max(...groups.map(({ length }) => length));
  const often = groups.filter(({ length }) => length >= OFTEN * most);
  const repeats = Math.min(...often.map(({ length }) => length));
  return often.map((group) => ({
    firsts: group.slice(0, repeats).map(({ first }) => first),
    length: group[0]!.length,
  }));
}

/** The scores of a unit on repeats. */
export interface ScoredRepeats extends RepeatScores {
  /** The number of presentations of each stimulus. */
  repeats: number;
  /** The number of bins of one presentation of all stimuli that the scores use. */
  repeatBins: number;
}

/** Returns the frames of a part of a session: `train`, `validation`, or a tier of held-out trials; none if it has no such tier. */
export const framesOf = ({ train, validation, heldOut }: PreparedSession, split: string): Int32Array =>
  ({ train, validation, ...heldOut })[split] ?? new Int32Array();

/** Returns a new array of the frames of all parts of a session. */
export const allFrames = ({ train, validation, heldOut }: PreparedSession): Int32Array =>
  joined(Int32Array, [train, validation, ...Object.values(heldOut)]);

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
): Promise<(ScoredRepeats | undefined)[]> {
  const valid = new Set(allFrames(session));
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
    const scores = repeatScores(
      repeats.map((frames) => bins.map((bin) => session.robs[frames[bin]! * units + unit]!)),
      rates.map((rate) => bins.map((bin) => rate[bin * units + unit]!)),
    );
    return { ...scores, repeats: repeats.length, repeatBins: bins.length };
  });
}

/**
 * Computes the bits per spike of the true rates on a part of simulated sessions: the upper bound for any model, apart from
 * chance.
 *
 * @param split the part of the sessions: `train`, `validation` or a tier of held-out trials. Default `validation`
 * @returns the running sums, or undefined when a session has no known truth
 */
export async function bestPossible(
  { sessions, model }: TwinModule,
  split = "validation",
): Promise<BitsPerSpike | undefined> {
  const best = new BitsPerSpike(
    model.unitDataset,
    sessions.map(({ name }) => name),
  );
  for (const [i, session] of sessions.entries()) {
    const truth = await trueRates(session);
    if (!truth) return undefined;
    const units = session.cids.length;
    const frames = framesOf(session, split);
    const rates = new Float32Array(frames.length * units);
    frames.forEach((frame, k) => {
      rates.set(truth.subarray(frame * units, (frame + 1) * units), k * units);
    });
    addRates(best, session, { frames, rates, firstUnit: model.unitDataset.indexOf(i) });
  }
  return best;
}
