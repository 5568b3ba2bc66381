import { type PreparedSession, readSession } from "../data";
import { prepareSession } from "../data/prepare";
import { stimulusTypes } from "../data/read-session";
import { dataForModel } from "../data/serving/data-for-model";
import { BitsPerSpike, correlation, type RepeatScores, type RescaleMode } from "../metrics";
import { Predictor } from "../twin/predictor";
import type { TwinModule } from "../twin/twin-module";
import { Evaluation, type TriggeredPicture, type UnitScores } from "./evaluation";
import { addRates, bestPossible, counts, repeatedTrials, rescaledRates, scoreRepeats } from "./repeats";
import { type Rates, type SpikeTriggered, saccadeTriggered, spikeTriggered } from "./triggered";

/** The options of `evaluate`. */
export interface EvaluateOptions {
  /**
   * The stimulus type whose trials are repeats. Default: `repeats` if the session's file has that type; otherwise
   * validation trials that show the same movie.
   */
  repeats?: string;
  /**
   * The number of frames of each session for spike-triggered averages: the validation frames, and as many evenly spaced
   * training frames as are needed. The averages describe the data and are not scores, so training frames may be used.
   * Default 10,000.
   */
  triggeredFrames?: number;
  /** The number of units of each session whose spike-triggered averages are kept as pictures. Default 6. */
  pictures?: number;
  /**
   * Also scores rates whose gain and offset are fitted to each session's validation bins (see `rescaleRates`), as `rescaledBitsPerSpike`.
   * The parameters are fitted to the bins that they are scored on. Default: no rescaled score.
   */
  rescale?: RescaleMode;
}

/**
 * Evaluates a twin: bits per spike and correlation on the validation bins; CCnorm, explained variance and oracle score
 * on repeats; spike-triggered averages and averages around saccades, for the data and the model.
 *
 * @example
 * run.load("best");
 * display(await evaluate(experiment));
 */
export async function evaluate(twin: TwinModule, options: EvaluateOptions = {}): Promise<Evaluation> {
  const { triggeredFrames = 10_000, pictures = 6, rescale } = options;
  const { sessions, model } = twin;
  const names = sessions.map(({ name }) => name);
  const bits = new BitsPerSpike(model.unitDataset, names);
  const rescaledBits = new BitsPerSpike(model.unitDataset, names);
  const best = (await bestPossible(twin))?.perUnit();
  const repeats = await repeatsOf(twin, options.repeats);
  const scores: UnitScores[] = [];
  const triggered: TriggeredPicture[] = [];
  const saccades = [];
  for (const [i, session] of sessions.entries()) {
    const firstUnit = model.unitDataset.indexOf(i);
    const frames = session.validation;
    const validation: Rates = { frames, rates: await twin.predict(i, frames) };
    addRates(bits, session, { ...validation, firstUnit });
    if (rescale)
      addRates(rescaledBits, session, {
        frames,
        rates: rescaledRates(session, validation, rescale),
        firstUnit,
      });
    const more = trainingFrames(session, triggeredFrames - frames.length);
    const sta = spikeTriggered(
      session,
      joined(validation, { frames: more, rates: await twin.predict(i, more) }),
    );
    triggered.push(...clearest(session, sta, pictures));
    const around = saccadeTriggered(session, validation);
    if (around) saccades.push(around);
    const correlations = correlationsOf(session, validation);
    session.cids.forEach((cid, unit) => {
      scores.push({
        session: session.name,
        cid,
        bitsPerSpike: Number.NaN,
        ...(best ? { bestPossible: best[firstUnit + unit]! } : {}),
        correlation: correlations[unit]!,
        staCorrelation: sta.correlation[unit]!,
        ...repeats.scores[i]![unit],
      });
    });
  }
  bits.perUnit().forEach((value, unit) => {
    scores[unit]!.bitsPerSpike = value;
  });
  if (rescale)
    rescaledBits.perUnit().forEach((value, unit) => {
      scores[unit]!.rescaledBitsPerSpike = value;
    });
  return new Evaluation(scores, triggered, saccades, repeats.count);
}

/** Scores repeated trials. @returns the scores of each session's units, and the largest number of repeats */
async function repeatsOf(
  twin: TwinModule,
  type: string | undefined,
): Promise<{ scores: (RepeatScores | undefined)[][]; count: number }> {
  const { sessions, model } = twin;
  let count = 0;
  const repeated = await Promise.all(
    sessions.map(async (session) => {
      const found = type ?? ((await stimulusTypes(session.file)).includes(REPEATS) ? REPEATS : undefined);
      return found ? prepareRepeats(session, found) : undefined;
    }),
  );
  const scores: (RepeatScores | undefined)[][] = [];
  // A predictor serves all sessions of a model, so sessions without repeats are passed unchanged.
  const served = sessions.map((session, i) => repeated[i] ?? session);
  const data = repeated.some(Boolean) ? dataForModel(model, served, twin.data.deviceBudget) : undefined;
  const predictor = data ? new Predictor(model, served, data) : twin;
  try {
    for (const [i, session] of served.entries()) {
      const trials = repeatedTrials(session, repeated[i] ? undefined : session.validation);
      count = Math.max(count, trials[0]?.firsts.length ?? 0);
      scores.push(await scoreRepeats(session, trials, (frames) => predictor.predict(i, frames)));
    }
  } finally {
    if (predictor instanceof Predictor) predictor.dispose();
    data?.dispose();
  }
  return { scores, count };
}

const REPEATS = "repeats";

async function prepareRepeats({ file, config }: PreparedSession, type: string): Promise<PreparedSession> {
  const types = [type];
  return prepareSession(await readSession(file, types), { ...config, types });
}

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
  const { name, cids, height, width, samplingRate } = session;
  const pixels = height * width;
  const at = (unit: number, lag: number) => (unit * lags.length + lag) * pixels;
  const power = (unit: number, lag: number) =>
    data.subarray(at(unit, lag), at(unit, lag) + pixels).reduce((sum, value) => sum + value * value, 0);
  const found = cids.map((cid, unit) => {
    const powers = lags.map((_, lag) => power(unit, lag));
    const most = Math.max(...powers);
    const mean = powers.reduce((a, b) => a + b, 0) / powers.length;
    return { cid, unit, lag: powers.indexOf(most), clarity: most / mean };
  });
  const picture = (all: Float32Array, start: number) =>
    Array.from(all.subarray(start, start + pixels), (value) => Number(value.toPrecision(5)));
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
