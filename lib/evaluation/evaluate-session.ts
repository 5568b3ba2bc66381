import type { PreparedSession } from "../data";
import { joined } from "../data/ops";
import { BitsPerSpike, correlation, type RescaleMode } from "../metrics";
import type { TwinModule } from "../twin/twin-module";
import type { TriggeredPicture, UnitScores } from "./evaluation";
import type { SessionNote } from "./fixations";
import { addRates, counts, framesOf, rescaledRates } from "./repeats";
import { type Rates, type SaccadeTriggered, saccadeTriggered, spikeTriggered } from "./triggered";
import { clearest } from "./triggered-pictures";
import { type ZMapPicture, zMapsOf, zMapsProblem } from "./z-maps";

/** The options of `evaluateSession`: see `EvaluateOptions`. */
interface SessionOptions {
  readonly split: string;
  readonly triggeredFrames: number;
  readonly pictures: number;
  readonly zMaps: boolean;
  readonly rescale: RescaleMode | undefined;
}

/** The results of one session on the bins of a part of it. */
interface SessionResults {
  readonly units: readonly UnitScores[];
  readonly spikeTriggered: readonly TriggeredPicture[];
  /** Undefined for a session without saccades. */
  readonly saccades: SaccadeTriggered | undefined;
  readonly zMaps: readonly ZMapPicture[];
  readonly notes: readonly SessionNote[];
}

/**
 * Computes the scores and the averages of a session, apart from those on other stimulus types and on repeats.
 *
 * @param index the number of the session, which has frames of the part `split`
 */
export async function evaluateSession(
  twin: TwinModule,
  index: number,
  { split, triggeredFrames, pictures, zMaps, rescale }: SessionOptions,
): Promise<SessionResults> {
  const session = twin.sessions[index]!;
  const frames = framesOf(session, split);
  const scored: Rates = { frames, rates: await twin.predict(index, frames) };
  const more = trainingFrames(session, triggeredFrames - frames.length);
  const all = joinedRates(scored, { frames: more, rates: await twin.predict(index, more) });
  const averages = spikeTriggered(session, all);
  const shown = clearest(session, averages, pictures);
  const problem = zMaps ? zMapsProblem(session) : undefined;
  const cids = zMaps && !problem ? shown.map(({ cid }) => cid) : [];
  const bits = twin.scoresCounts ? bitsPerSpike(session, scored) : undefined;
  const rescaled = bits && rescale && bitsPerSpike(session, rescaledTo(session, scored, rescale));
  const correlations = correlationsOf(session, scored);
  return {
    units: session.cids.map((cid, unit) => ({
      session: session.name,
      cid,
      bitsPerSpike: bits?.[unit] ?? Number.NaN,
      ...(rescaled ? { rescaledBitsPerSpike: rescaled[unit]! } : {}),
      correlation: correlations[unit]!,
      staCorrelation: averages.correlation[unit]!,
    })),
    spikeTriggered: shown,
    saccades: saccadeTriggered(session, scored),
    zMaps: cids.length > 0 ? zMapsOf(session, all.frames, cids) : [],
    notes: problem ? [problem] : [],
  };
}

/** Computes the bits per spike of each unit of a session. */
function bitsPerSpike(session: PreparedSession, rates: Rates): Float64Array {
  const sums = new BitsPerSpike(new Int32Array(session.cids.length), [session.name]);
  addRates(sums, session, { ...rates, firstUnit: 0 });
  return sums.perUnit();
}

const rescaledTo = (session: PreparedSession, rates: Rates, mode: RescaleMode): Rates => ({
  ...rates,
  rates: rescaledRates(session, rates, mode),
});

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

/** Returns the rates of the frames of both. */
const joinedRates = (a: Rates, b: Rates): Rates => ({
  frames: joined(Int32Array, [a.frames, b.frames]),
  rates: joined(Float32Array, [a.rates, b.rates]),
});
