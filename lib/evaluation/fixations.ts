import { ConfigError } from "../base/config";
import type { PreparedSession } from "../data";
import { downsample } from "../data/downsample";
import { readSession } from "../data/read-session";
import { presentationsOf } from "../data/stimuli";
import { alignFixations, alignLike, correlation, noiseCorrelations, psth } from "../metrics";
import { mean } from "../metrics/correlation";
import type { TwinModule } from "../twin/twin-module";
import { allFrames, counts } from "./repeats";
import { forServed, type Predict, prepareType, typeToUse } from "./stimulus-type";
import { toPerSecond } from "./triggered";

/**
 * The responses of a session to a stimulus that is the same in every trial, such as rapidly flashed images during fixation (`fixrsvp`). They
 * are aligned to the start of the stimulus in each trial as `alignFixations` does, over all trials of the stimulus type.
 */
export interface AlignedFixations {
  session: string;
  /** The number of trials. */
  trials: number;
  /** The largest number of bins of a trial. */
  bins: number;
  /** The start of each bin after the start of the stimulus, in milliseconds. */
  ms: number[];
  /** The mean noise correlation of the data over pairs of units; NaN when no pair has one. */
  noiseCorrelation: number;
  /** The PSTH of each unit in spikes per second, or other responses in their own unit, NaN in bins without a response, and the correlation of both over the other bins. */
  units: { cid: number; data: number[]; model: number[]; correlation: number }[];
}

/** A part of a session's results that is left out, with the reason. */
export interface SessionNote {
  session: string;
  text: string;
}

/** The stimulus type that is aligned by default, and the covariate of bins since the start of its stimulus. */
const FIXATIONS = "fixrsvp";
const BINS = "psth_inds";

/**
 * Aligns the responses of all sessions and of the model.
 *
 * @param type the stimulus type. Default: for `validation`, `fixrsvp` in the sessions that have it
 * @param names the names of the sessions; the others have no responses
 * @returns the responses of each session, undefined where there are none, and notes on recordings that cannot be used
 * @throws ConfigError when a recording of a type that is asked for cannot be used
 */
export async function fixationsOf(
  twin: TwinModule,
  split: string,
  type: string | undefined,
  names: readonly string[],
): Promise<{ sessions: (AlignedFixations | undefined)[]; notes: SessionNote[] }> {
  const notes: SessionNote[] = [];
  const prepared: (PreparedSession | undefined)[] = [];
  for (const session of twin.sessions) {
    if (!names.includes(session.name)) {
      prepared.push(undefined);
      continue;
    }
    const wanted = await typeToUse(session, split, { asked: type, usual: FIXATIONS });
    try {
      prepared.push(wanted === undefined ? undefined : await alike(session, wanted));
    } catch (error) {
      if (type !== undefined || !(error instanceof ConfigError)) throw error;
      prepared.push(undefined);
      const { name } = session;
      notes.push({
        session: name,
        text: `The responses during fixation of ${name} are left out: ${error.message}`,
      });
    }
  }
  if (!prepared.some(Boolean)) return { sessions: prepared.map(() => undefined), notes };
  const sessions = await forServed(twin, prepared, async (session, predict, i) =>
    prepared[i] ? align(session, predict) : undefined,
  );
  return { sessions, notes };
}

/** Prepares a stimulus type of a session. @throws ConfigError when its frames differ in size from those of the session */
async function alike(session: PreparedSession, type: string): Promise<PreparedSession> {
  const prepared = await prepareType(session, type);
  const size = ({ height, width, channels }: PreparedSession) => `${height} x ${width} x ${channels}`;
  if (size(prepared) === size(session)) return prepared;
  const message = `has frames of ${size(prepared)} values, but the model reads frames of ${size(session)}`;
  throw new ConfigError(session.file, [{ path: `${type}/stim`, message }]);
}

/** Aligns the counts and the rates of a session that has one stimulus type. @returns undefined when no trial is long enough */
async function align(session: PreparedSession, predict: Predict): Promise<AlignedFixations | undefined> {
  const { cids, samplingRate, robs, trialInds } = session;
  const units = cids.length;
  const { bins: binOf, eyepos } = await covariates(session);
  const frames = allFrames(session)
    .sort()
    .filter((frame) => Number.isInteger(binOf[frame]!) && binOf[frame]! >= 0);
  const each = <T>(value: (frame: number, unit: number) => T, columns = units) =>
    Array.from({ length: frames.length * columns }, (_, i) =>
      value(frames[Math.floor(i / columns)]!, i % columns),
    );
  const data = alignFixations({
    trialInds: each((frame) => trialInds[frame]!, 1),
    psthInds: each((frame) => binOf[frame]!, 1),
    robs: each((frame, unit) => robs[frame * units + unit]!),
    eyepos: each((frame, axis) => eyepos[2 * frame + axis]!, 2),
    dfs: each((frame, unit) => Number(counts(session, frame, unit))),
    units,
  });
  if (data.trials.length === 0) return undefined;
  const [observed, predicted] = [psth(data), psth(alignLike(data, await predict(frames)))];
  const { bins, trials } = data;
  const known = (all: Float64Array, unit: number) =>
    Array.from({ length: bins }, (_, bin) => all[bin * units + unit]!);
  const scale = toPerSecond(session);
  const scaled = (values: number[]) => values.map((rate) => Number((rate * scale).toPrecision(5)));
  const noise = noiseCorrelations(data).filter((value) => !Number.isNaN(value));
  return {
    session: session.name,
    trials: trials.length,
    bins,
    ms: Array.from({ length: bins }, (_, bin) => (1000 * bin) / samplingRate),
    noiseCorrelation: mean(noise),
    units: cids.map((cid, unit) => {
      const [a, b] = [known(observed, unit), known(predicted, unit)];
      const isKnown = (_: number, bin: number) => !Number.isNaN(a[bin]!);
      return {
        cid,
        data: scaled(a),
        model: scaled(b),
        correlation: correlation(a.filter(isKnown), b.filter(isKnown)),
      };
    }),
  };
}

/**
 * Reads from the file of a session with one stimulus type the gaze in degrees, before any transform, and the bin of each frame since the
 * start of its trial's stimulus: the covariate `psth_inds`, or else the number of frames since the start of the trial.
 */
async function covariates({ config, downsampling, trialInds }: PreparedSession) {
  const [type] = config.types as [string];
  const { recordings } = await readSession(config.file, [type], () => new Uint8Array(0), config.responses);
  const { eyepos, others } = downsample(recordings[type]!, downsampling);
  const found = others[BINS]?.values;
  const bins = presentationsOf(trialInds).flatMap(({ length }) => Array.from({ length }, (_, bin) => bin));
  return { eyepos, bins: found ?? bins };
}
